// How a map/reduce run is made: its input, its output, and what may be tuned.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <sheaf/failure.hpp>
#include <sheaf/input.hpp>
#include <sheaf/output.hpp>
#include <sheaf/side_data.hpp>

namespace sheaf {

/// Aggregate: name what differs from the defaults.
struct map_reduce_options {
    sheaf::input input{};
    /// Of a job with several mappers: an input for each, in their order. Instead of `input`.
    std::vector<sheaf::input> inputs{};
    /// What the run leaves. The name of a directory means text_parts(): one file for each partition, part-00000, part-00001, ... It
    /// must not exist, its parent must; it appears, complete, when the run has succeeded. See map_reduce::run() for who must see it.
    /// output.hpp has the other kinds.
    sheaf::output output{};
    /// Whether the output may replace an older one of the same name, which it does in one step. A directory is only replaced when
    /// there is nothing in it but the part files of a run.
    bool overwrite = false;
    /// What the job's functions get besides records: see with_side_data().
    sheaf::side_data side{};
    /// Into how many parts the keys are divided, and so the number of output files. 0: fits the workers and the input.
    std::uint32_t partitions = 0;
    /// Bytes of keys and values that each worker may hold in memory; what is more goes to disk. 0: an eighth of the
    /// machine's memory, at most 256 MiB.
    std::uint64_t memory = 0;
    /// Whether what goes from mappers to reducers, and what does not fit the memory, is compressed (zstd): for disks or networks that
    /// are slower than three seconds of a processor for each GB. Ordinary text takes half the space or less.
    bool compress_spills = false;
    /// Bytes of input that one map attempt reads. 0: fits the workers and the input, 1 to 64 MiB.
    std::uint64_t split_bytes = 0;
    /// Goes on where a run of the same job, input, side data and output stopped when its driver was killed: what was finished, and is as
    /// it was, is not done again. Without such a run, or when one of these has changed since, it is a new one, and the report's notes say
    /// what has changed. A run that was started with
    /// `resume` leaves its work behind for 24 hours when its driver is killed, or when it fails for want of disk space, servers or
    /// workers; others leave it until the next run starts, and nothing when they fail.
    bool resume = false;
    /// Makes each unit twice and compares the results, to find mappers and reducers that are not deterministic; the run fails
    /// at the first unit whose results differ. Twice the work.
    bool verify = false;
    /// How many records may be left out of the run because the mapper throws for them, or because the worker dies or hangs at
    /// them, and how many groups because the reducer does. They are found record by record, and written to
    /// bad_records_file. 0: none; the run fails when attempts_max attempts at a unit have failed.
    std::uint64_t bad_records = 0;
    /// Where they are written, if there are some: a line for each, with place, offset, length, reason and bytes. An older file is only
    /// replaced with `overwrite`; else the run is refused. Empty: the output's name and ".bad-records"; of an output without a name
    /// only the report has them (map_reduce_report::left_out).
    std::string bad_records_file{};
    /// Whether units that take much longer than others of their size are made a second time, elsewhere; whichever attempt
    /// ends first counts.
    bool backups = true;
    /// How many attempts at one unit may fail before the run does.
    unsigned attempts_max = 4;
    /// An attempt that shows no progress for so long has failed: its worker hangs. 0: never.
    std::chrono::milliseconds stalled_after = std::chrono::minutes(10);
    /// How long the run goes on when nobody can write what it has made, as when all disks are full; it waits for space, and a worker
    /// on a host that has some may go on meanwhile. Then it fails, and leaves its work for `resume` if it was started with that.
    std::chrono::milliseconds wait_for_space = std::chrono::seconds(10);
    /// How long the run goes on when none of its job servers can be reached; what workers are at goes on meanwhile, and a server that is
    /// restarted takes everything again. Then it fails, and leaves its work for `resume` if it was started with that. It says so on
    /// standard error when a server has been away for some seconds, unless `progress` is off.
    std::chrono::milliseconds wait_for_servers = std::chrono::seconds(60);
    /// Whether to show progress when standard error is a terminal.
    bool progress = true;
    /// Ends the run early, with cancelled. By default Ctrl-C does (see app::run).
    std::stop_token stop{};
};

/// What map_reduce::run() throws when there is no output. Nothing of the run is left behind, but what `resume` may need.
class run_failed : public call_error {
  public:
    using call_error::call_error;
    /// One sentence that says why; why() tells more.
    [[nodiscard]] const char* what() const noexcept override { return why().message.c_str(); }
};

}  // namespace sheaf
