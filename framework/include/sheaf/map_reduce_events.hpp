// What a map/reduce run tells while it goes on.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <sheaf/failure.hpp>
#include <sheaf/map_reduce_report.hpp>

namespace sheaf {

/// How far a run is.
struct map_reduce_progress {
    run_stage stage = run_stage::map;
    std::uint32_t units_done = 0;  ///< of the stage
    std::uint32_t units = 0;
    std::uint64_t bytes_done = 0;  ///< of the stage's input; of the map stage only
    std::uint64_t bytes = 0;
    std::chrono::milliseconds elapsed{0};  ///< in the stage
    std::uint64_t retries = 0;
    bool waits_for_workers = false;  ///< nobody offers the job's functions
    bool over = false;               ///< the run has ended, in whichever way

    /// The share of the stage that is done, 0 to 1.
    [[nodiscard]] double fraction() const;
    /// How long the stage will take at the pace so far. Nothing while that is a guess.
    [[nodiscard]] std::optional<std::chrono::milliseconds> time_left() const;
};

namespace map_reduce_events {

/// How far the run is; at most ten times a second.
struct progress {
    map_reduce_progress now;
};

/// The stage's units are all done. They may be less again later: when a segment is lost, its split is mapped again.
struct stage_done {
    run_stage stage = run_stage::map;
    std::uint32_t units = 0;
};

/// An attempt at a unit has ended, in whichever way.
struct attempt_ended {
    attempt_record what;
};

/// A unit is so slow that a second attempt at it was begun.
struct backup_begun {
    run_stage stage = run_stage::map;
    std::uint32_t index = 0;
};

/// An output of the map stage cannot be read any more; it is made again.
struct segment_lost {
    std::uint32_t split = 0;
    std::string why;
};

/// The splits or partitions are tried in smaller parts, since something in the unit kills workers.
struct unit_divided {
    std::uint32_t split = 0;
    std::uint32_t parts = 0;
};

/// A record was left out; see map_reduce_options::bad_records.
struct record_skipped {
    std::string place;
    std::uint64_t offset = 0;
    std::string reason;
};

/// So many events were not kept, because nobody took them.
struct missed {
    std::uint64_t count = 0;
};

}  // namespace map_reduce_events

/// For std::visit.
using map_reduce_event =
    std::variant<map_reduce_events::progress, map_reduce_events::stage_done, map_reduce_events::attempt_ended,
                 map_reduce_events::backup_begun, map_reduce_events::segment_lost, map_reduce_events::unit_divided,
                 map_reduce_events::record_skipped, map_reduce_events::missed>;

}  // namespace sheaf
