// The tasks of the program "crew", which show what workers do beside running handlers.
#pragma once

#include <string>
#include <vector>

#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include <sheaf/task.hpp>

namespace sheaf::test {

inline constexpr task<"crew.square", long(int)> square{};
inline constexpr task<"crew.pid", int()> process_id{};
/// By calls of itself.
inline constexpr task<"crew.fib", long(int)> fib{};
/// Calls itself, for ever deeper, one call at a time.
inline constexpr task<"crew.descend", int(int)> descend{};
/// Writes a line to the file when it has begun, and another when it was asked to stop and is about to return.
inline constexpr task<"crew.wait", void(std::string)> wait_for_stop{};
/// As above, but waits in a call of "crew.wait" for the same file.
inline constexpr task<"crew.wait_for_call", void(std::string)> wait_for_call{};
/// Writes a line to the file and does not return.
inline constexpr task<"crew.hang", void(std::string)> hang{};
/// As above, and its stop callback does not return either, so that the I/O thread cannot end the process.
inline constexpr task<"crew.block", void(std::string)> block_all{};
/// How often this slot has been asked before.
inline constexpr task<"crew.count", int()> count{};
/// How many handlers of it ran at once, at most, while this one did.
inline constexpr task<"crew.rare", int()> rare{};
/// How many threads a parallel algorithm of TBB used.
inline constexpr task<"crew.threads", int()> threads{};
/// The numbers from 0 up to the one given.
inline constexpr task<"crew.numbers", stream<int>(int)> numbers{};

}  // namespace sheaf::test
