// What to do about a unit one of whose attempts has failed. Pure.
#pragma once

#include <cstdint>

#include "map_reduce/unit_attempt.hpp"
#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// Failures, by what can be done about them.
enum class trouble : std::uint8_t {
    final,  ///< no other attempt would do better: the handler says so, or client and worker do not understand each other
    host,   ///< its host cannot do it now, or the driver's: a disk is full; another host may be able to
    disconnected,  ///< no server has taken the attempt, or nobody knows what became of it; it may be running still
    death,         ///< its worker died or hangs, perhaps of the unit
    exception,     ///< the job's functions threw something
    passing        ///< whatever else may be better in a moment
};
[[nodiscard]] trouble trouble_of(const failure& why) noexcept;
/// Whether it is the surroundings that are to blame, and neither the job nor its input.
[[nodiscard]] bool is_of_surroundings(const failure& why) noexcept;

/// What has happened to a unit so far.
struct unit_history {
    unsigned failures = 0;     ///< that count towards the limit
    unsigned deaths = 0;       ///< of workers
    unsigned disconnects = 0;  ///< from the server, while an attempt was out
    unsigned refusals = 0;     ///< by hosts; these do not count, since the run's patience limits them
    bool careful = false;      ///< it is tried record by record
    bool single = false;       ///< there is only one record in it, or it cannot be divided for other reasons
    bool skipped = false;      ///< its records are not shown to the mapper any more
};

struct failure_limits {
    unsigned failures_max = 4;
    unsigned disconnects_max = 50;
    bool bad_records = false;  ///< some records may be left out
};

enum class remedy : std::uint8_t {
    give_up,        ///< the run fails
    try_now,        ///< another attempt at once
    try_later,      ///< after a pause that grows with the failures
    try_elsewhere,  ///< after a pause that grows with the refusals, in which workers on other hosts may take it
    submit_again,   ///< the same attempt, after a short pause: a copy that is still running becomes one with it
    divide,         ///< into smaller units, so that only what is to blame fails
    do_without      ///< the unit counts as done, and has no output
};

/// Notes the failure in `unit`, and says what to do. Deaths twice over divide a unit when records may be left out; one record
/// that has killed three workers is skipped; reducers find such groups themselves; and the run does without a sample that has killed
/// two. A unit whose functions threw is tried with care before that counts.
[[nodiscard]] remedy remedy_for(unit_history& unit, run_stage stage, const failure& why, const failure_limits& limits);

}  // namespace sheaf::detail
