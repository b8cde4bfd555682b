// Which attempts of a run's units to start, and when the run is done or lost. Pure: events and time in, decisions out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <sheaf/failure.hpp>

namespace sheaf::detail {

enum class run_stage : std::uint8_t { map, reduce };

/// One try at one unit: a split in the map stage, a partition in the reduce stage.
struct unit_attempt {
    run_stage stage = run_stage::map;
    std::uint32_t index = 0;
    std::uint32_t number = 1;

    friend bool operator==(const unit_attempt&, const unit_attempt&) = default;
};

/// The unit in words: "split 3", "partition 0".
[[nodiscard]] std::string to_string(run_stage stage, std::uint32_t index);

/// Whether another attempt may do better. Not when the handler says that none will (its typed failures), or when client and
/// worker do not understand each other.
[[nodiscard]] bool may_go_better(const failure& why) noexcept;

struct plan_options {
    std::uint32_t splits = 0;
    std::uint32_t partitions = 1;
    std::size_t window = 2;                      ///< attempts out at the same time, running or queued at the server
    unsigned failures_max = 4;                   ///< of one unit; then the run fails
    std::chrono::milliseconds retry_pause{100};  ///< before a retry, unless the worker was lost; doubles each time
    /// A second attempt runs beside one that has been out for this long and three times the stage's mean, once three
    /// quarters of the stage are done: its machine may be hanging.
    std::chrono::milliseconds backup_after{5000};
};

/// The plan of one run. All map units first; reduce units once every split has an output. When a reduce attempt finds such
/// an output gone, its split is mapped again and reducing goes on.
///
/// Who drives it calls start_next() until it gives nothing, reports each attempt's end once, and looks again at
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
    };

    explicit run_plan(const plan_options& how);

    /// The attempt to start now; it counts as out from here on.
    [[nodiscard]] std::optional<unit_attempt> start_next(time_point now);
    /// The attempt has an output. True when it is the unit's first: its output is the one that counts.
    [[nodiscard]] bool finish(const unit_attempt& attempt, time_point now);
    /// The attempt ended without one.
    void fail(const unit_attempt& attempt, const failure& why, time_point now);
    /// The reduce attempt could not read an output of `split`, as `why` says. `current`: it is the one that counts now, and not
    /// one that has been replaced already, because another reducer reported the same.
    void lose_segment(const unit_attempt& reducer, std::uint32_t split, bool current, const failure& why);

    [[nodiscard]] state now() const noexcept { return state_; }
    /// Why the run failed. Only when it has.
    [[nodiscard]] const failure& why() const noexcept { return why_; }
    /// When start_next() may have something new although nothing was reported.
    [[nodiscard]] std::optional<time_point> next_deadline() const;

    [[nodiscard]] run_stage current_stage() const noexcept;
    [[nodiscard]] std::uint32_t done_in(run_stage stage) const noexcept;
    [[nodiscard]] const tally& counts() const noexcept { return counts_; }

  private:
    struct unit {
        bool done = false;
        bool has_backup = false;
        std::uint32_t attempts = 0;
        std::uint32_t out = 0;  // attempts that have not ended
        unsigned failures = 0;
    };
    struct stage_units {
        std::vector<unit> units;
        std::deque<std::uint32_t> ready;  // may hold units that are done by now
        std::uint32_t done = 0;
        std::chrono::nanoseconds time{0};  // that the done units took, added up
    };
    struct flight {
        unit_attempt attempt;
        time_point since;
    };
    struct delayed_unit {
        run_stage stage;
        std::uint32_t index;
        time_point at;
    };

    [[nodiscard]] stage_units& units_of(run_stage stage) noexcept { return stages_[static_cast<std::size_t>(stage)]; }
    [[nodiscard]] const stage_units& units_of(run_stage stage) const noexcept {
        return stages_[static_cast<std::size_t>(stage)];
    }
    [[nodiscard]] unit& unit_of(const unit_attempt& attempt) { return units_of(attempt.stage).units.at(attempt.index); }

    std::optional<time_point> land(const unit_attempt& attempt);
    unit_attempt launch(run_stage stage, std::uint32_t index, time_point now);
    void release_delayed(time_point now);
    /// The unit comes again at `again_at`, or at once, unless it has failed too often.
    void retry_or_give_up(run_stage stage, std::uint32_t index, const failure& why, std::optional<time_point> again_at);
    void give_up(failure why);
    [[nodiscard]] std::optional<time_point> backup_time(const flight& one) const;
    [[nodiscard]] std::optional<unit_attempt> start_backup(time_point now);

    plan_options how_;
    stage_units stages_[2];
    std::vector<flight> flying_;  // at most the window: searched linearly
    std::vector<delayed_unit> delayed_;
    tally counts_;
    state state_ = state::running;
    failure why_;
};

}  // namespace sheaf::detail
