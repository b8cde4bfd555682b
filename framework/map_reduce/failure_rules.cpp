// Classes of failures, and what helps against each.
#include "map_reduce/failure_rules.hpp"

#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {
namespace {

constexpr unsigned deaths_before_division = 2;
constexpr unsigned deaths_before_skipping = 3;
constexpr unsigned deaths_before_doing_without = 2;
constexpr unsigned deaths_of_reducers_max = 20;

remedy after_death(unit_history& unit, run_stage stage, const failure_limits& limits) {
    ++unit.deaths;
    // Attempts after the first death find the group that it is, and leave it out.
    if (limits.bad_records && stage == run_stage::reduce && unit.deaths < deaths_of_reducers_max) {
        unit.careful = true;
        return remedy::try_now;
    }
    // What kills workers is dealt with where it is mapped, and the other samples will do.
    if (limits.bad_records && stage == run_stage::sample) {
        return unit.deaths >= deaths_before_doing_without ? remedy::do_without : remedy::try_now;
    }
    // A partition cannot be divided.
    if (!limits.bad_records || stage != run_stage::map || unit.skipped) {
        return ++unit.failures >= limits.failures_max ? remedy::give_up : remedy::try_now;
    }
    if (!unit.single) return unit.deaths >= deaths_before_division ? remedy::divide : remedy::try_now;
    unit.skipped = unit.deaths >= deaths_before_skipping;
    return remedy::try_now;
}

}  // namespace

trouble trouble_of(const failure& why) noexcept {
    if (why.typed_index == host_refused_index) return trouble::host;
    if (why.typed_index >= 0) return trouble::final;
    switch (why.code) {
        case errc::connection_failed:
        case errc::connection_lost: return trouble::disconnected;
        case errc::worker_lost:
        case errc::timeout: return trouble::death;
        case errc::remote_exception: return trouble::exception;
        case errc::io_error: return trouble::host;
        case errc::cancelled:  // its worker is being shut down
        case errc::job_failed:
        case errc::queue_full:
        case errc::server_error:
        case errc::shutting_down: return trouble::passing;
        default: return trouble::final;
    }
}

bool is_of_surroundings(const failure& why) noexcept {
    switch (trouble_of(why)) {
        case trouble::host:
        case trouble::disconnected:
        case trouble::passing: return true;
        default: return false;
    }
}

remedy remedy_for(unit_history& unit, run_stage stage, const failure& why, const failure_limits& limits) {
    switch (trouble_of(why)) {
        case trouble::final: return remedy::give_up;
        case trouble::host: ++unit.refusals; return remedy::try_elsewhere;
        case trouble::disconnected:
            // What no server has taken has not failed: the run's patience limits that, too.
            if (why.code == errc::connection_failed) return remedy::submit_again;
            return ++unit.disconnects > limits.disconnects_max ? remedy::give_up : remedy::submit_again;
        case trouble::death: return after_death(unit, stage, limits);
        case trouble::exception:
            if (limits.bad_records && !unit.careful) {
                unit.careful = true;
                return remedy::try_now;
            }
            break;
        case trouble::passing: break;
    }
    return ++unit.failures >= limits.failures_max ? remedy::give_up : remedy::try_later;
}

}  // namespace sheaf::detail
