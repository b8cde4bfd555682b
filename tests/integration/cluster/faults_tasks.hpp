// The tasks of the program "faults": each goes wrong in its own way.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include <sheaf/task.hpp>

namespace sheaf::test {

/// A declared error with a field of its own.
struct not_today : std::runtime_error {
    using std::runtime_error::runtime_error;
    int until_day = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(until_day);
    }
};

struct shape {
    int sides = 0;
    std::string name;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(sides), CEREAL_NVP(name));
    }
};

inline constexpr task<"faults.square", long(int)> square{};
/// Throws not_today, which it declares, with the day given.
inline constexpr task<"faults.refuse", void(int), throws<not_today>> refuse{};
/// Throws a std::runtime_error that wraps another, and declares neither.
inline constexpr task<"faults.nest", void()> nest{};
/// Dies of SIGSEGV in its first attempts, as many as given; then returns which attempt it is.
inline constexpr task<"faults.crash", unsigned(unsigned)> crash{};
/// Does not return, and does not look at its stop token.
inline constexpr task<"faults.hang", void()> hang{};
/// Returns when it is asked to stop.
inline constexpr task<"faults.wait", void()> wait_for_stop{};
inline constexpr task<"faults.pid", int()> process_id{};
/// What a program that the handler starts has as SHEAF_ROLE and as SHEAF_SUPERVISED_BY.
inline constexpr task<"faults.environment", std::string()> show_environment{};
inline constexpr task<"faults.draw", std::string(std::vector<shape>)> draw{};

}  // namespace sheaf::test
