// Mistakes that the broker makes on purpose, so that the simulation can show that it would find them.
//
// Only a broker that is compiled with SHEAF_PLANTED_BUGS, which is the simulation's own, can make one. In every other the
// questions below are constants, and nothing is left of them.
#pragma once

#include <cstdint>

namespace sheaf::broker {

enum class planted_bug : std::uint8_t {
    none,
    lost_wake_up,        ///< a job that comes back from a lost worker wakes nobody
    double_assignment,   ///< a job that runs is queued again when another client joins it
    forgotten_client,    ///< who joins a running job is not told of its end
    priority_inversion,  ///< a worker's first function with any job comes before one with a more urgent job
    stranded_line,       ///< the store is not asked for more when a worker takes a job
    leaked_job,          ///< a job that the store refused, and that nobody wants, is kept
};

#ifdef SHEAF_PLANTED_BUGS
/// The mistake to be made from now on.
inline planted_bug planted = planted_bug::none;
[[nodiscard]] inline bool is_planted(planted_bug which) noexcept { return planted == which; }
#else
[[nodiscard]] constexpr bool is_planted(planted_bug) noexcept { return false; }
#endif

}  // namespace sheaf::broker
