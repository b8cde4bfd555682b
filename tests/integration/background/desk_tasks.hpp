// What the worker of these tests does. Handlers leave marks in files, so that tests see what ran where nobody waits.
#pragma once

#include <stdexcept>
#include <string>

#include <sheaf/task.hpp>

namespace sheaf::test {

struct not_yet : std::runtime_error {
    using std::runtime_error::runtime_error;
    int seen = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(seen);
    }
};

inline constexpr task<"desk.square", long(int)> square{};
/// Adds a line to the file, with context::attempt(), and throws unless there are then `lines` of them; the number of lines.
inline constexpr task<"desk.tally", int(std::string path, int lines), throws<not_yet>> tally{};
/// Throws what no task declares.
inline constexpr task<"desk.fail", void(std::string what)> fail{};
/// Ends its process.
inline constexpr task<"desk.crash", void()> crash{};
/// Makes the file PATH.begun, says that it has done 1 of 3, and goes on until it is told to stop, or there is the file PATH.go. Then
/// makes PATH.stopped or ends.
inline constexpr task<"desk.hold", std::string(std::string path)> hold{};

}  // namespace sheaf::test
