// The units of one stage of a run: which are done, which wait, and what has happened to each. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "map_reduce/failure_rules.hpp"
#include "map_reduce/pace.hpp"
#include "map_reduce/unit_attempt.hpp"

namespace sheaf::detail {

/// A unit of a run.
struct run_unit {
    std::uint64_t cost = 1;  ///< as far as that is known: bytes of input, mostly
    bool done = false;
    bool retired = false;  ///< divided: others stand for it
    bool has_backup = false;
    std::uint32_t attempts = 0;  ///< started so far
    std::uint32_t out = 0;       ///< that have not ended
    unsigned handed_back = 0;    ///< attempts that came to a worker that they were not for
    std::optional<std::uint64_t>
        first_result;  ///< of a run that is verified: the checksum that a second attempt must have
    unit_history history;

    /// Nobody waits for an attempt at it.
    [[nodiscard]] bool is_over() const noexcept { return done || retired; }
    [[nodiscard]] attempt_mode mode() const noexcept {
        if (history.skipped) return attempt_mode::skip;
        return history.careful ? attempt_mode::careful : attempt_mode::normal;
    }
};

class unit_table {
  public:
    using time_point = attempt_progress::time_point;

    unit_table(run_stage stage, const std::vector<std::uint64_t>& costs);

    [[nodiscard]] run_stage stage() const noexcept { return stage_; }
    [[nodiscard]] run_unit& at(std::uint32_t index) { return units_.at(index); }
    [[nodiscard]] const run_unit& at(std::uint32_t index) const { return units_.at(index); }
    /// How many there are, those that were divided left out.
    [[nodiscard]] std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(units_.size()) - retired_; }
    [[nodiscard]] std::uint32_t done() const noexcept { return done_; }
    [[nodiscard]] bool is_complete() const noexcept { return done_ == count(); }

    /// The next unit to try, taken from the queue. Those whose pause is over by `now` are at its end.
    [[nodiscard]] std::optional<std::uint32_t> take_ready(time_point now);
    [[nodiscard]] bool has_ready() const noexcept;
    void ready_first(std::uint32_t index) { ready_.push_front(index); }
    void ready_last(std::uint32_t index) { ready_.push_back(index); }
    void ready_at(std::uint32_t index, time_point when) { paused_.push_back({index, when}); }
    /// When the first pause is over.
    [[nodiscard]] std::optional<time_point> next_ready() const;

    void finish(std::uint32_t index);
    /// It has to be done again.
    void reopen(std::uint32_t index);
    /// Others stand for it.
    void retire(std::uint32_t index);
    /// New units of these costs stand for the one. Returns the index of the first; the others follow.
    std::uint32_t divide(std::uint32_t index, const std::vector<std::uint64_t>& costs);

    [[nodiscard]] sheaf::detail::pace& pace() noexcept { return pace_; }
    [[nodiscard]] const sheaf::detail::pace& pace() const noexcept { return pace_; }

  private:
    struct pause {
        std::uint32_t index;
        time_point until;
    };

    run_stage stage_;
    std::vector<run_unit> units_;
    std::deque<std::uint32_t> ready_;  // may hold units that are over by now
    std::vector<pause> paused_;
    std::uint32_t done_ = 0;
    std::uint32_t retired_ = 0;
    sheaf::detail::pace pace_;
};

}  // namespace sheaf::detail
