// What Sheaf's server says of runs that it carries on, read from its JSON. The text may be anything.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/detached_run.hpp>
#include <sheaf/runtime/error.hpp>

namespace sheaf::detail {

/// Of the calls of a plan's node, how many there were so far.
struct detached_counts {
    std::uint32_t node = 0;
    std::uint64_t waiting = 0;
    std::uint64_t running = 0;
    std::uint64_t done = 0;
};

struct detached_report {
    std::string run;
    detached_state state = detached_state::unknown;
    std::string why{};       ///< a sentence for people
    std::string taker{};     ///< who has taken the outcome
    std::string function{};  ///< under which workers walk its plan
    std::optional<std::chrono::system_clock::time_point> began{};
    std::optional<std::chrono::system_clock::time_point> expires{};  ///< of one that has ended
    std::uint64_t done = 0;                                          ///< calls, of all nodes
    std::vector<detached_counts> stages{};                           ///< only where one run was asked for
};
/// The answer to sheaf.run's status. Members that are missing, unknown or of another kind are as if they were not there.
[[nodiscard]] basic_result<detached_report> read_detached(std::string_view json);
/// Whether that is of a run that the server knows.
[[nodiscard]] bool knows_run(std::string_view json);

struct detached_list {
    std::vector<detached_report> runs;
    std::uint64_t total = 0;  ///< there may be more than were listed
};
/// The answer to sheaf.run's list.
[[nodiscard]] basic_result<detached_list> read_detached_list(std::string_view json);

/// In one word, as the server has it.
[[nodiscard]] std::string_view to_string(detached_state state) noexcept;

}  // namespace sheaf::detail
