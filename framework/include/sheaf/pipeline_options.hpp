// How the stages of a pipeline are made, and how a pipeline is run.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>

#include <sheaf/call_options.hpp>

namespace sheaf {

/// What a stage does about an item that it has no result for, when all its attempts are over.
namespace on_failure {

enum class policy : std::uint8_t { fail, skip };
/// The type of `collect`: another type than `policy`, because the stage's result is another one then.
struct collect_t {
    constexpr explicit collect_t(int /*not by accident*/) noexcept {}
};

/// The run ends, and whoever reads its outcomes gets what the task threw. What is out is cancelled. The default.
inline constexpr policy fail = policy::fail;
/// The run goes on without the item: it has no outcome, an element is left out of its each(), and a fork() of which a branch
/// skips is skipped as a whole. Counted in the summary and said in the events.
inline constexpr policy skip = policy::skip;
/// The failure is the result: the stage gives result<T> instead of T, and what comes next must take that.
inline constexpr collect_t collect{0};

}  // namespace on_failure

/// How many calls a stage has out at a time: a number, or a number and the bytes of their arguments.
///     {.window = 32}        {.window = {32, 64 << 20}}
struct stage_window {
    /// 0: what suits the cluster, four per worker and at least 64.
    std::size_t count = 0;
    /// 0: any number. A single call may be larger than this: it is then out alone.
    std::size_t bytes = 0;

    constexpr stage_window() = default;
    constexpr stage_window(std::size_t calls, std::size_t of_bytes = 0) noexcept  // NOLINT: a number is a window
        : count(calls), bytes(of_bytes) {}
};

/// Aggregate: name what differs from the defaults.
struct stage_options {
    /// How each call is made: retries, clocks, priority.
    call_options call{};
    stage_window window{};
    sheaf::on_failure::policy on_failure = sheaf::on_failure::fail;
    /// What summaries, events and drawings call the stage. Empty: the task's name.
    std::string name{};
};

/// stage_options with .on_failure = sheaf::on_failure::collect, which has to be said.
struct collecting_stage_options {
    call_options call{};
    stage_window window{};
    sheaf::on_failure::collect_t on_failure;
    std::string name{};
};

/// How a local function is used as a step. Aggregate.
struct local_options {
    sheaf::on_failure::policy on_failure = sheaf::on_failure::fail;
    std::string name{};
};

/// local_options with .on_failure = sheaf::on_failure::collect.
struct collecting_local_options {
    sheaf::on_failure::collect_t on_failure;
    std::string name{};
};

/// How a plan is run. Aggregate: name what differs from the defaults.
struct pipeline_options {
    /// Whether outcomes come in the order of the input. Otherwise they come as they are ready.
    bool in_order = false;
    /// Items that are taken from the input and whose outcomes have not been taken, at most: those in between wait
    /// somewhere. 0: twice the windows of all stages, and what batches need.
    std::size_t items = 0;
    /// Bytes that these may hold, encoded. One item is taken whatever its size.
    std::size_t bytes = std::size_t{256} << 20;
    /// Calls of all stages that are out at a time. 0: as the stages say. When there is room for fewer calls than there is
    /// work, the stages towards the end go first.
    std::size_t calls = 0;
    /// The whole run. Then it ends with errc::timeout.
    std::chrono::milliseconds deadline = forever;
    /// Ends the run with errc::cancelled. By default Ctrl-C does (see app::run).
    std::stop_token stop{};
};

}  // namespace sheaf
