// What of a run is on disk, and what it has come to: made anew, or taken over from a driver that was killed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

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
    std::string note;                 ///< for the report; may be empty

    /// Notes a fact, in the account and in the journal.
    void add(const run_note& what);
    /// Gives the output its name, and before, when nothing else is missing, calls `first`: it fails with that. May be done again by
    /// whoever takes over.
    [[nodiscard]] basic_result<published_output, error> publish(
        const std::function<basic_result<void, error>()>& first);
    /// All that is on disk stays, for a driver that takes over.
    void leave() noexcept;
};

/// What identifies a run, besides its output. All that resume compares.
struct run_identity {
    std::string job;
    std::uint64_t types = 0;
    std::uint64_t input = 0;
};

/// The fingerprint of an input: of its files with their sizes and times, of their format, and of values that are given.
[[nodiscard]] std::uint64_t fingerprint_of(const input_plan& input);

/// How a run is begun.
struct run_beginnings {
    run_identity identity;
    const map_reduce_options& how;
    input_plan& input;  ///< its splits are taken
    std::uint32_t partitions = 1;
    std::uint32_t partitions_per_unit = 1;
};

/// Takes over the dead run that `from` would repeat, if there is one and resume is asked for; otherwise makes a new one.
[[nodiscard]] basic_result<run_state, error> begin_run(const run_beginnings& from);

}  // namespace sheaf::detail
