// What a map or reduce attempt throws when the driver has to do something other than try it again. Not for users.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include <cereal/types/string.hpp>

namespace sheaf::detail {

/// No other attempt would do better: an input cannot be read or has changed. what() is a whole sentence for the person who started
/// the run.
struct unit_refused : std::exception {
    std::string message;

    unit_refused() = default;
    explicit unit_refused(std::string text) : message(std::move(text)) {}
    [[nodiscard]] const char* what() const noexcept override { return message.c_str(); }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(message);
    }
};

/// The worker's host cannot do it now, as when its disk is full: another host may, and so may this one in a while.
struct host_refused : unit_refused {
    using unit_refused::unit_refused;
};
/// Its place among the exceptions that the tasks of units declare.
inline constexpr int host_refused_index = 2;

/// The worker's process is the one that the assignment is not for: another one is to make it.
struct handed_back : unit_refused {
    using unit_refused::unit_refused;
};
inline constexpr int handed_back_index = 3;  ///< as above

/// A segment file is gone or damaged: the map attempt that wrote it has to be made again.
struct segment_lost : std::exception {
    std::string file;  ///< as the reduce assignment names it
    std::string message;
    bool unreached = false;  ///< its host could not be reached, which then goes for all that it has

    segment_lost() = default;
    explicit segment_lost(std::string text) : message(std::move(text)) {}
    segment_lost(std::string name, std::string text, bool no_host = false)
        : file(std::move(name)), message(std::move(text)), unreached(no_host) {}
    [[nodiscard]] const char* what() const noexcept override { return message.c_str(); }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(file, message, unreached);
    }
};

}  // namespace sheaf::detail
