// Which attempts of a run's units to start and to end, and when the run is done or lost. Pure: events and time in, decisions out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "map_reduce/pace.hpp"
#include "map_reduce/unit_attempt.hpp"
#include "map_reduce/unit_table.hpp"
#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// The units of a stage, by what each will cost: bytes, mostly.
struct stage_plan {
    run_stage stage = run_stage::map;
    std::vector<std::uint64_t> costs;
};

struct plan_options {
    std::size_t slots = 1;                       ///< attempts that can run at the same time
    std::size_t window = 2;                      ///< attempts out at the same time, running or queued at the server
    unsigned failures_max = 4;                   ///< of one unit; then the run fails
    std::chrono::milliseconds retry_pause{100};  ///< before a retry, unless the worker was lost; doubles each time
    bool bad_records = false;                    ///< records may be left out, so the culprits are looked for
    bool verify = false;                         ///< each unit is made twice, with the same result
    bool backups = true;
    std::chrono::milliseconds stalled_after{0};   ///< an attempt that is silent for so long has failed; 0: never
    std::chrono::milliseconds wait_for_space{0};  ///< for so long hosts may refuse units while none is done
};

/// What an attempt's output is good for.
enum class finish_verdict : std::uint8_t {
    counts,  ///< it is the unit's
    half,    ///< of a run that is verified: it is the unit's, if a second attempt gives the same
    late,    ///< the unit has one
    differs  ///< from that of the first attempt: the run has failed
};

/// The plan of one run: its stages one after the other, each once all units of those before it are done. When a reduce attempt
/// finds a map output gone, its split is mapped again and reducing goes on.
///
/// Who drives it calls start_next() and end_next() until they give nothing, reports each attempt's end once, and looks again at
/// next_deadline() at the latest.
class run_plan {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    enum class state : std::uint8_t { running, done, failed };

    struct tally {
        std::uint64_t attempts = 0;
        std::uint64_t retries = 0;  ///< attempts after a failure
        std::uint64_t backups = 0;  ///< attempts beside a slow one
        std::uint64_t workers_lost = 0;
        std::uint64_t segments_lost = 0;
        std::uint64_t verified = 0;      ///< units made twice with the same result
        std::uint64_t refusals = 0;      ///< attempts for which their host had no space
        std::uint64_t done_without = 0;  ///< samples that nobody could take
    };
    /// An attempt that should end, and why: nobody waits for it any more, or it has stalled.
    struct ending {
        unit_attempt attempt;
        bool stalled = false;
    };

    /// `stages` in their order. A stage without units is over.
    run_plan(const plan_options& how, const std::vector<stage_plan>& stages);

    /// The unit was done before this plan was made, ...
    void restore_done(run_stage stage, std::uint32_t index);
    /// ... or divided: others of the stage stand for it.
    void restore_divided(run_stage stage, std::uint32_t index);

    /// Hosts write to disks of their own: what one has no space for another may.
    void note_several_hosts() noexcept { several_hosts_ = true; }

    /// The attempt to start now; it counts as out from here on.
    [[nodiscard]] std::optional<unit_attempt> start_next(time_point now);
    /// Whether other attempts at the unit are out.
    [[nodiscard]] bool is_backup(const unit_attempt& attempt) const;
    /// An attempt to cancel now; its end is reported as others are. Each is named once.
    [[nodiscard]] std::optional<ending> end_next(time_point now);

    /// The attempt says how far it is, 0 to 1; a worker has begun it.
    void progress(const unit_attempt& attempt, double share, time_point now);
    /// The attempt has an output, with this checksum.
    [[nodiscard]] finish_verdict finish(const unit_attempt& attempt, std::uint64_t checksum, time_point now);
    /// The attempt ended without one. True when the unit should be divided: divide() or cannot_divide() must follow.
    [[nodiscard]] bool fail(const unit_attempt& attempt, const failure& why, time_point now);
    /// New units of these costs stand for the one; they are at the end of the stage's. Returns the first one's index.
    std::uint32_t divide(run_stage stage, std::uint32_t index, const std::vector<std::uint64_t>& costs);
    void cannot_divide(run_stage stage, std::uint32_t index);
    /// The reduce attempt could not read an output of `maker`, a unit of an earlier stage, as `why` says. `current`: it is the one that
    /// counts now, and not one that has been replaced already, because another reducer reported the same.
    void lose_segment(const unit_attempt& reducer, const unit_attempt& maker, bool current, const failure& why);
    /// What the unit has made is gone: it is made once more, and the stages that need it wait.
    void make_again(run_stage stage, std::uint32_t index);
    /// The attempt came to a worker that it is not for: the unit is tried again soon.
    void hand_back(const unit_attempt& attempt, time_point now);
    /// How often attempts at the unit were handed back.
    [[nodiscard]] unsigned handed_back(const unit_attempt& attempt) const {
        return table(attempt.stage).at(attempt.index).handed_back;
    }
    /// The run fails.
    void give_up(failure why);

    [[nodiscard]] state now() const noexcept { return state_; }
    /// Why the run failed. Only when it has.
    [[nodiscard]] const failure& why() const noexcept { return why_; }
    /// When start_next() or end_next() may have something new although nothing was reported.
    [[nodiscard]] std::optional<time_point> next_deadline(time_point now) const;

    [[nodiscard]] run_stage current_stage() const noexcept;
    [[nodiscard]] std::uint32_t done_in(run_stage stage) const noexcept;
    /// Units of the stage, those that stand for divided ones among them.
    [[nodiscard]] std::uint32_t units_in(run_stage stage) const noexcept;
    [[nodiscard]] const tally& counts() const noexcept { return counts_; }

  private:
    struct flight {
        unit_attempt attempt;
        attempt_progress at;
        bool ending = false;  // end_next() has named it
    };

    [[nodiscard]] const unit_table* find(run_stage stage) const noexcept;
    [[nodiscard]] unit_table& table(run_stage stage);
    [[nodiscard]] const unit_table& table(run_stage stage) const;
    [[nodiscard]] const unit_table& current() const noexcept;
    [[nodiscard]] run_unit& unit_of(const unit_attempt& attempt) { return table(attempt.stage).at(attempt.index); }

    [[nodiscard]] bool has_room() const noexcept { return flying_.size() < how_.window; }
    [[nodiscard]] bool has_room_for_backup() const noexcept { return flying_.size() < how_.window + how_.slots; }
    flight land(const unit_attempt& attempt);
    unit_attempt launch(unit_table& of, std::uint32_t index, time_point now);
    void note_done(const flight& landed, time_point now);
    void apply(remedy what, unit_table& of, std::uint32_t index, const failure& why, time_point now);
    [[nodiscard]] std::optional<unit_attempt> start_backup(time_point now);
    [[nodiscard]] std::size_t places_wanted(const run_unit& unit) const;
    [[nodiscard]] std::optional<unit_attempt> start_elsewhere(time_point now);
    [[nodiscard]] bool wants_backup(const flight& slow, bool idle, time_point now) const;
    [[nodiscard]] bool may_have_backup(const flight& one) const;
    [[nodiscard]] bool is_useless(const flight& one, time_point now) const;
    [[nodiscard]] bool has_stalled(const flight& one, time_point now) const;
    [[nodiscard]] std::size_t begun_attempts() const;
    [[nodiscard]] bool is_refused_everywhere(time_point now) const;

    plan_options how_;
    failure_limits limits_;
    backup_rules backups_;
    std::vector<unit_table> stages_;
    std::vector<flight> flying_;  // at most the window: searched linearly
    tally counts_;
    std::optional<time_point> refused_since_;  // hosts refuse units, and none has been done since
    bool several_hosts_ = false;
    state state_ = state::running;
    failure why_;
};

}  // namespace sheaf::detail
