// Many calls of one task at once, and their results as they come or in order. Usually made by cluster::scatter().
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <sheaf/call_options.hpp>
#include <sheaf/detail/check_range.hpp>
#include <sheaf/detail/pulled_range.hpp>
#include <sheaf/detail/scatter_board.hpp>
#include <sheaf/detail/typed_call.hpp>

namespace sheaf {

/// One call's outcome and its place in the range.
template <class Result>
struct completed {
    std::size_t index = 0;
    result<Result> outcome;
};

/// The value in `outcome`, which a call of `task` had; throws the exceptions that the task declares, else those of
/// failure.hpp.
///     for (auto& [index, outcome] : sheaf::as_completed(cluster.scatter(square, numbers)))
///         total += sheaf::value_of(square, std::move(outcome));
template <task_type Task>
typename Task::result_type value_of(const Task& /*task*/, result<typename Task::result_type> outcome) {
    return detail::value_or_throw<Task>(std::move(outcome));
}

/// Why a gatherer has no further outcome.
enum class gather_end : std::uint8_t {
    complete,     ///< every element of the range has been called, and each call has ended
    enough,       ///< there are as many values as first() or quorum() asked for
    out_of_time,  ///< best_effort()'s time is over, or scatter_options::deadline was before all was called
    cancelled,    ///< the scatter was cancelled, or its stop_token fired, before all was called
};

/// A scatter on its way. The range is read by the thread that takes results, as the window allows, never further; it may
/// be endless, and its elements may be movable only. Movable; used by one thread, except for cancel(). Destroying it cancels
/// the calls that are out.
template <class Task, class Range>
class scatter_run {
    static_assert(detail::check_range<Task, Range>());

  public:
    using task_type = Task;
    using result_type = typename Task::result_type;
    using time_point = std::chrono::steady_clock::time_point;

    /// `lifetime` is kept until the run is gone. `range` is kept too, unless it is an lvalue: that must outlive the run.
    /// `workers` are the handler slots that serve it, if known.
    scatter_run(std::shared_ptr<detail::call_sender> through, std::shared_ptr<void> lifetime, Range&& range,
                const scatter_options& how, std::size_t workers = 0)
        : lifetime_(std::move(lifetime)),
          work_(std::make_unique<work>(std::move(through), std::forward<Range>(range), how, workers)) {}

    /// The next outcome, in order of arrival: waits for it. Nothing when all have been taken.
    /// What the range throws passes through.
    [[nodiscard]] std::optional<completed<result_type>> next() {
        auto done = next_held();
        if (done) release();
        return done;
    }
    /// As next(), but the outcome counts in the window, as a call that is still out does, until release() is called for it.
    [[nodiscard]] std::optional<completed<result_type>> next_held() {
        if (!wait_until(time_point::max())) return std::nullopt;
        detail::landed_call landed = work_->board.take();
        if (landed.why) return completed<result_type>{landed.index, *std::move(landed.why)};
        return completed<result_type>{landed.index, detail::decode_result<Task>(landed.result)};
    }
    void release() { work_->board.release(); }
    /// Waits until next() would not, or it is `time`. Whether there is an outcome to be taken.
    [[nodiscard]] bool wait_until(time_point time) {
        work_->fill();
        return work_->board.wait(time) == detail::scatter_board::state::ready;
    }

    /// Whether next() would have to wait: what awaits outcomes in a coroutine looks first (next_of.hpp). Calls what the window
    /// has room for.
    [[nodiscard]] bool would_wait() {
        work_->fill();
        return work_->board.wait(time_point::min()) == detail::scatter_board::state::late;
    }
    /// Not for users: `run` is called once, on the thread that brings the news, when something has come back since would_wait().
    void when_landed(std::function<void()> run) { work_->board.when_landed(std::move(run)); }
    [[nodiscard]] std::shared_ptr<detail::callback_thread> callbacks() const { return work_->board.callbacks(); }
    void require_no_clock() const { work_->board.require_no_clock(); }

    /// Calls nothing more, and ends what is out with errc::cancelled. Any thread.
    void cancel() { work_->board.stop(); }

    /// How many elements of the range have been read: each is called, or is about to be.
    [[nodiscard]] std::size_t calls() const noexcept { return work_->board.calls(); }
    /// Of those, the ones whose outcomes have not been taken.
    [[nodiscard]] std::size_t pending() const noexcept { return work_->board.pending(); }
    /// How many elements the range has, if it says so.
    [[nodiscard]] std::optional<std::size_t> sized_elements() const {
        const std::size_t told = work_->elements();
        return told == detail::scatter_board::unknown ? std::nullopt : std::optional(told);
    }
    /// As that; else how many have been read.
    [[nodiscard]] std::size_t elements() const { return sized_elements().value_or(calls()); }
    /// The elements whose calls run and report progress, with the share of each that is done.
    [[nodiscard]] std::vector<std::pair<std::size_t, double>> running() const { return work_->board.running(); }
    /// Why there is no outcome, when wait_until() has just said that there is none.
    [[nodiscard]] gather_end end() const {
        if (pending() == 0 && whole()) return gather_end::complete;
        return work_->board.stopped() ? gather_end::cancelled : gather_end::out_of_time;
    }
    /// Whether every element of the range has been called. Not so after cancel() or when the deadline came first.
    [[nodiscard]] bool whole() const { return !work_->broken && work_->at == work_->end; }

  private:
    // At an address of its own: iterators may point into the range.
    struct work {
        using iterator = decltype(std::begin(std::declval<std::remove_reference_t<Range>&>()));
        using sentinel = decltype(std::end(std::declval<std::remove_reference_t<Range>&>()));

        work(std::shared_ptr<detail::call_sender> through, Range&& from, const scatter_options& how,
             std::size_t workers)
            : range(std::forward<Range>(from)),
              at(std::begin(range)),
              end(std::end(range)),
              board(std::move(through), frame(how.call), how, workers, elements()) {}

        static detail::raw_call frame(const call_options& how) {
            detail::raw_call each = detail::make_call_frame<Task>();
            each.typed_again = detail::typed_again<Task>(how.retry);
            return each;
        }

        [[nodiscard]] std::size_t elements() const {
            if constexpr (requires { static_cast<std::size_t>(std::size(range)); }) {
                return static_cast<std::size_t>(std::size(range));
            } else {
                return detail::scatter_board::unknown;
            }
        }

        /// Calls what the window has room for, if it is time to.
        void fill() {
            if (broken || !board.should_fill()) return;
            try {
                while (board.has_room() && at != end) {
                    detail::append_element<Task>(board.begin_call(), *at);
                    board.end_call();
                    ++at;
                }
            } catch (...) {
                broken = true;
                board.flush();
                throw;
            }
            board.flush();
        }

        Range range;  // a reference when it was an lvalue
        iterator at;
        sentinel end;
        bool broken = false;  // reading the range has thrown
        detail::scatter_board board;
    };

    std::shared_ptr<void> lifetime_;
    std::unique_ptr<work> work_;
};

namespace detail {

/// What a run's next() gives.
template <class Run>
struct outcomes_as_they_come {
    Run run;  // a reference when it was an lvalue

    auto operator()() { return run.next(); }
};

}  // namespace detail

/// The outcomes of `run`, in order of arrival; each is a completed<result>, an index and a result:
///     for (auto& [index, outcome] : sheaf::as_completed(cluster.scatter(square, numbers))) ...
template <class Run>
auto as_completed(Run&& run) {
    return detail::pulled_range(detail::outcomes_as_they_come<Run>{std::forward<Run>(run)});
}

namespace detail {

/// Throws timeout or cancelled: only the first `calls` elements of a range were called.
[[noreturn]] void throw_ended_early(std::string_view task, std::size_t calls, gather_end why);
template <class Run>
void require_whole(const Run& run) {
    if (!run.whole()) throw_ended_early(Run::task_type::name(), run.calls(), run.end());
}

/// All results of `run` in the order of its range. Throws the first failure to arrive, and cancels the rest.
template <class Task, class Range>
std::vector<typename Task::result_type> results_in_order(scatter_run<Task, Range> run) {
    static_assert(!std::is_void_v<typename Task::result_type>,
                  "sheaf::cluster::map: the task has no results to gather. Use scatter() and as_completed().");
    std::vector<typename Task::result_type> results;
    while (auto done = run.next()) {
        if (done->index >= results.size()) results.resize(done->index + 1);
        results[done->index] = value_or_throw<Task>(std::move(done->outcome));
    }
    require_whole(run);
    return results;
}

}  // namespace detail
}  // namespace sheaf
