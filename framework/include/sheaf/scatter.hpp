// Many calls of one task at once, and their results as they come or in order. Usually made by cluster::scatter().
#pragma once

#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <sheaf/call_options.hpp>
#include <sheaf/detail/check_range.hpp>
#include <sheaf/detail/scatter_board.hpp>
#include <sheaf/detail/typed_call.hpp>

namespace sheaf {

/// How a scatter is made. Aggregate: name what differs from the defaults.
struct scatter_options {
    /// Calls that are out or whose results wait to be taken, at most. 0: four per worker, and at least 64.
    std::size_t window = 0;
    /// How each call is made.
    call_options call{};
    /// The whole scatter: no call is made, and none waits, after this long. What was not called then is not called.
    std::chrono::milliseconds deadline = forever;
};

/// One call's outcome and its place in the range.
template <class Result>
struct completed {
    std::size_t index = 0;
    result<Result> outcome;
};

/// A scatter on its way. The range is read by the thread that takes results, as the window allows, never further; it may
/// be endless. Movable. Destroying it cancels the calls that are out.
template <class Task, class Range>
class scatter_run {
    static_assert(detail::check_range<Task, Range>());
    using result_type = typename Task::result_type;
    using clock = std::chrono::steady_clock;

  public:
    /// `lifetime` is kept until the run is gone. `range` is kept too, unless it is an lvalue: that must outlive the run.
    scatter_run(std::shared_ptr<detail::call_sender> through, std::shared_ptr<void> lifetime, Range&& range,
                scatter_options how)
        : lifetime_(std::move(lifetime)),
          work_(std::make_unique<work>(std::move(through), std::forward<Range>(range), how)) {}

    /// The next outcome, in order of arrival: waits for it. Nothing when all have been taken.
    /// What the range throws passes through.
    [[nodiscard]] std::optional<completed<result_type>> next() {
        work_->fill();
        auto landed = work_->board.next();
        if (!landed) return std::nullopt;
        return completed<result_type>{landed->index, detail::read_result<Task>(std::move(landed->outcome))};
    }

    /// Calls nothing more, and ends what is out with errc::cancelled.
    void cancel() {
        work_->stopped = true;
        work_->board.cancel();
    }

    /// How many calls have been made.
    [[nodiscard]] std::size_t calls() const noexcept { return work_->board.sent(); }
    /// Whether every element of the range has been called. Not so after cancel() or when the deadline came first.
    [[nodiscard]] bool whole() const { return work_->at == work_->end; }

  private:
    // At an address of its own: iterators may point into the range.
    struct work {
        using iterator = decltype(std::begin(std::declval<std::remove_reference_t<Range>&>()));
        using sentinel = decltype(std::end(std::declval<std::remove_reference_t<Range>&>()));

        work(std::shared_ptr<detail::call_sender> through, Range&& from, const scatter_options& options)
            : range(std::forward<Range>(from)),
              at(std::begin(range)),
              end(std::end(range)),
              how(options),
              board(std::move(through), options.window) {
            if (how.deadline != forever) until = clock::now() + how.deadline;
        }

        /// Sends what the window has room for, if it is time to.
        void fill() {
            if (stopped || !board.should_fill()) return;
            while (board.has_room() && !stopped && at != end) {
                call_options one = how.call;
                if (until && !shorten(one.deadline)) return;
                board.send(detail::make_raw_call<Task>(detail::arguments_from<Task>(*at)), one);
                ++at;
            }
        }
        /// Limits a call's deadline to the scatter's. False when that is over.
        bool shorten(std::chrono::milliseconds& deadline) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - clock::now());
            stopped = left.count() <= 0;
            if (left < deadline) deadline = left;
            return !stopped;
        }

        Range range;  // a reference when it was an lvalue
        iterator at;
        sentinel end;
        scatter_options how;
        std::optional<clock::time_point> until;
        bool stopped = false;
        detail::scatter_board board;
    };

    std::shared_ptr<void> lifetime_;
    std::unique_ptr<work> work_;
};

/// The outcomes of a scatter as a range for one pass, in order of arrival. See as_completed().
template <class Run>
class completed_range {
    using item = typename decltype(std::declval<Run&>().next())::value_type;

  public:
    class iterator {
      public:
        using value_type = item;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        using reference = item&;
        using pointer = item*;

        iterator() = default;
        explicit iterator(completed_range* of) : of_(of) {}
        item& operator*() const { return *of_->current_; }
        item* operator->() const { return &*of_->current_; }
        iterator& operator++() {
            of_->current_ = of_->run().next();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& it, std::default_sentinel_t /*end*/) { return it.is_at_end(); }

      private:
        [[nodiscard]] bool is_at_end() const { return !of_->current_; }

        completed_range* of_ = nullptr;
    };

    explicit completed_range(Run&& run) : run_(std::forward<Run>(run)) {}

    /// Waits for the first outcome. Call it once.
    iterator begin() {
        current_ = run().next();
        return iterator(this);
    }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  private:
    std::remove_reference_t<Run>& run() { return run_; }

    Run run_;  // a reference when it was an lvalue
    std::optional<item> current_;
};

/// The outcomes of `run`, in order of arrival; each is a completed<result>, an index and a result:
///     for (auto& [index, outcome] : sheaf::as_completed(cluster.scatter(square, numbers))) ...
template <class Run>
completed_range<Run> as_completed(Run&& run) {
    return completed_range<Run>(std::forward<Run>(run));
}

/// All results of `run` in the order of its range. Throws the first failure to arrive, and cancels the rest.
template <class Task, class Range>
std::vector<typename Task::result_type> in_order(scatter_run<Task, Range> run) {
    static_assert(!std::is_void_v<typename Task::result_type>,
                  "sheaf::in_order: the task has no results to gather. Use as_completed().");
    std::vector<typename Task::result_type> results;
    while (auto done = run.next()) {
        if (done->index >= results.size()) results.resize(done->index + 1);
        results[done->index] = detail::value_or_throw<Task>(std::move(done->outcome));
    }
    if (!run.whole()) detail::throw_cut_short(Task::name(), run.calls());
    return results;
}

}  // namespace sheaf
