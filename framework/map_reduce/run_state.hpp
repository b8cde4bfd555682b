// What of a run is on disk, and what it has come to: made anew, or taken over from a driver that was killed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "input/input_plan.hpp"
#include "map_reduce/journal.hpp"
#include "map_reduce/run_account.hpp"
#include "map_reduce/run_directory.hpp"
#include "output/run_output.hpp"
#include <sheaf/map_reduce_options.hpp>

namespace sheaf::detail {

struct run_state {
    run_directory work;
    run_output output;
    run_account account;
    journal log;
    std::uint32_t units_resumed = 0;  ///< that were done when this driver took over
    std::string note{};               ///< for the report; may be empty
    bool kept = false;                ///< when this driver is killed, another one may take over

    /// Notes a fact, in the account and in the journal.
    void add(const run_note& what);
    /// Gives the output its name, and before, when nothing else is missing, calls `first`: it fails with that. May be done again by
    /// whoever takes over, and when it has failed for want of space: see run_output::wants_space.
    [[nodiscard]] basic_result<published_output, error> publish(
        const std::function<basic_result<void, error>()>& first);
    /// What is on disk stays when this driver is killed.
    void keep();
    /// All that is on disk stays, for a driver that takes over.
    void leave() noexcept;
};

/// How a run is begun.
struct run_beginnings {
    std::vector<run_trait> identity;  ///< all that resume compares, besides the output's place
    const map_reduce_options& how;
    input_plan& input;  ///< its splits are taken
    std::uint32_t partitions = 1;
    std::uint32_t partitions_per_unit = 1;
    std::uint32_t groups = 0;  ///< see run_header
};

/// Takes over the dead run that `from` would repeat, if there is one and resume is asked for; otherwise makes a new one.
[[nodiscard]] basic_result<run_state, error> begin_run(const run_beginnings& from);

}  // namespace sheaf::detail
