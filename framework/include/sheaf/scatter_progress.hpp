// How far a scatter is, told while its outcomes are taken.
//
//     auto run = sheaf::observe(cluster.scatter(draw, tiles), sheaf::terminal_progress("tiles"));
//     for (auto& [index, outcome] : sheaf::as_completed(run)) ...
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/scatter.hpp>

namespace sheaf {

struct scatter_progress {
    std::size_t ended = 0;                            ///< calls whose outcomes have been taken
    std::size_t failed = 0;                           ///< of those
    std::optional<std::size_t> elements{};            ///< of the range, if it says how many it has
    double weight_ended = 0;                          ///< of what has ended, and of the shares of what runs
    double weight_per_second = 0;                     ///< since the start
    std::optional<double> share{};                    ///< of the whole weight, 0 to 1; nothing if that is not known
    std::optional<std::chrono::milliseconds> left{};  ///< at the pace so far; nothing while that is a guess
};

/// One line: "tiles: 43%, 440 of 1024, 12 failed, 3.1 s left".
[[nodiscard]] std::string describe(const std::string& name, const scatter_progress& at);

using progress_observer = std::function<void(const scatter_progress&)>;

/// Draws the line on standard error, if that is a terminal; otherwise does nothing. Erases it when the last copy goes.
[[nodiscard]] progress_observer terminal_progress(std::string name);

/// How a scatter is observed. Aggregate.
struct observe_options {
    /// The observer is called so often, on the thread that takes the outcomes, while that thread waits or takes. 0: each time
    /// that an outcome is asked for.
    std::chrono::milliseconds every{100};
    /// What the element at an index weighs, in units of any kind, such as a file's bytes. Empty: each weighs 1. May be called
    /// more than once for an element. What it throws passes through, out of observe() or of whatever takes the outcomes.
    std::function<double(std::size_t index)> weight{};
};

namespace detail {

/// Adds up weights over time. Pure.
class progress_meter {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `elements`: of the range, if known.
    progress_meter(std::function<double(std::size_t)> weight, std::optional<std::size_t> elements, time_point start);

    void ended(std::size_t index, bool well);
    [[nodiscard]] scatter_progress at(time_point now, const std::vector<std::pair<std::size_t, double>>& running) const;

  private:
    [[nodiscard]] double weight(std::size_t index) const { return weight_ ? weight_(index) : 1.0; }

    std::function<double(std::size_t)> weight_;
    std::optional<std::size_t> elements_;
    std::optional<double> whole_;
    time_point start_;
    std::size_t ended_ = 0;
    std::size_t failed_ = 0;
    double weight_ended_ = 0;
};

/// When to call an observer that was called `now`. With no time in between: not as long as nothing happens.
[[nodiscard]] progress_meter::time_point next_telling(progress_meter::time_point now,
                                                      std::chrono::milliseconds every) noexcept;

}  // namespace detail

/// A scatter that tells how far it is, and is otherwise the scatter: for as_completed(), in_order(), gather() and reduce().
template <class Run>
class observed_run {
    using inner = std::remove_reference_t<Run>;

  public:
    using task_type = typename inner::task_type;
    using result_type = typename inner::result_type;
    using time_point = std::chrono::steady_clock::time_point;

    observed_run(Run&& run, progress_observer observer, observe_options how)
        : run_(std::forward<Run>(run)),
          observer_(std::move(observer)),
          every_(how.every),
          due_(detail::next_telling(std::chrono::steady_clock::now(), every_)),
          meter_(std::move(how.weight), run_.sized_elements(), std::chrono::steady_clock::now()) {}

    [[nodiscard]] std::optional<completed<result_type>> next() {
        auto done = next_held();
        if (done) release();
        return done;
    }
    [[nodiscard]] std::optional<completed<result_type>> next_held() {
        if (!wait_until(time_point::max())) return std::nullopt;
        if (!taken_) {
            taken_ = run_.next_held();
            meter_.ended(taken_->index, taken_->outcome.has_value());  // when that throws, the outcome is still there
        }
        return std::exchange(taken_, std::nullopt);
    }
    void release() { run_.release(); }
    [[nodiscard]] bool wait_until(time_point time) {
        if (taken_) return true;
        if (every_.count() <= 0) tell(std::chrono::steady_clock::now());
        for (;;) {
            const auto now = std::chrono::steady_clock::now();
            if (now >= due_) tell(now);
            if (run_.wait_until(std::min(time, due_))) return true;
            if (run_.pending() == 0) return end_at_last();
            if (time <= due_) return false;
        }
    }

    void cancel() { run_.cancel(); }
    [[nodiscard]] std::size_t calls() const noexcept { return run_.calls(); }
    [[nodiscard]] std::size_t pending() const noexcept { return run_.pending() + (taken_ ? 1 : 0); }
    [[nodiscard]] std::optional<std::size_t> sized_elements() const { return run_.sized_elements(); }
    [[nodiscard]] std::size_t elements() const { return run_.elements(); }
    [[nodiscard]] gather_end end() const { return run_.end(); }
    [[nodiscard]] bool whole() const { return run_.whole(); }

  private:
    void tell(time_point now) {
        due_ = detail::next_telling(now, every_);
        observer_(meter_.at(now, run_.running()));
    }
    bool end_at_last() {
        if (!std::exchange(told_end_, true)) tell(std::chrono::steady_clock::now());
        return false;
    }

    Run run_;  // a reference when it was an lvalue
    progress_observer observer_;
    std::chrono::milliseconds every_;
    time_point due_;
    detail::progress_meter meter_;
    std::optional<completed<result_type>> taken_{};  // its weight could not be had
    bool told_end_ = false;
};

/// `run`, telling `observer` how far it is. What running handlers say of their own progress counts by its share.
template <class Run>
[[nodiscard]] observed_run<Run> observe(Run&& run, progress_observer observer, observe_options how = {}) {
    return {std::forward<Run>(run), std::move(observer), std::move(how)};
}

}  // namespace sheaf
