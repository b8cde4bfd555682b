// The tasks of the program "scattered".
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/json.hpp>
#include <sheaf/task.hpp>

namespace sheaf::test {

struct odd : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Kills its process for multiples of `fragile_every`, except 0.
inline constexpr int fragile_every = 100;
inline constexpr task<"scattered.fragile", long(int), idempotent> fragile{};
inline constexpr task<"scattered.square", long(int), throws<odd>, idempotent> square{};
/// Takes as many milliseconds as it is told, and returns its process id.
inline constexpr task<"scattered.nap", int(int), idempotent> nap{};
/// Returns when it is asked to stop.
inline constexpr task<"scattered.wait", void(int)> wait_for_stop{};
/// The same; appends to the file "began" and "stopped" with the time of the steady clock in microseconds, a line each.
inline constexpr task<"scattered.recorded_wait", void(std::string)> recorded_wait{};
inline constexpr task<"scattered.sum", long(std::vector<long>), idempotent> sum{};
/// Throws for odd numbers, in JSON.
struct indivisible : std::runtime_error {
    using std::runtime_error::runtime_error;
    static constexpr std::string_view json_name = "indivisible";
    int number = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(number));
    }
};
inline constexpr task<"scattered.half", int(int), json, throws<indivisible>, idempotent> half{};
inline constexpr task<"scattered.add", long(long, long), idempotent> add{};

}  // namespace sheaf::test
