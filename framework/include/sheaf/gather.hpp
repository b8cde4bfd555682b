// Gathering what a scatter gives: when it is enough, and what is missing then.
//
//     auto pages = sheaf::gather(cluster.scatter(search, shards), sheaf::best_effort(200ms));
//     for (const auto& [index, hits] : pages.values()) ...
//     for (const std::size_t shard : pages.missing()) ...
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/scatter.hpp>

namespace sheaf {

/// When a gather ends, and what it makes of failures.
class gather_policy {
  public:
    enum class kind : std::uint8_t { all, fail_fast, collect, first, quorum, best_effort };

    constexpr explicit gather_policy(kind what, std::size_t count = 0,
                                     std::chrono::milliseconds time = forever) noexcept
        : kind_(what), count_(count), time_(time) {}

    [[nodiscard]] constexpr kind what() const noexcept { return kind_; }
    [[nodiscard]] constexpr std::size_t count() const noexcept { return count_; }
    [[nodiscard]] constexpr std::chrono::milliseconds time() const noexcept { return time_; }

  private:
    kind kind_;
    std::size_t count_;
    std::chrono::milliseconds time_;
};

/// Waits for every call. Throws, after the last one, the failure of the lowest index if there is one.
inline constexpr gather_policy all{gather_policy::kind::all};
/// Throws the first failure to arrive, at once, and cancels the rest.
inline constexpr gather_policy fail_fast{gather_policy::kind::fail_fast};
/// Waits for every call. Failures are part of what is gathered; nothing is thrown for them.
inline constexpr gather_policy collect{gather_policy::kind::collect};
/// Ends with the first `count` values, and cancels the rest. There are fewer values when too many calls failed.
constexpr gather_policy first(std::size_t count) noexcept { return gather_policy(gather_policy::kind::first, count); }
/// As first(), but throws incomplete as soon as `count` values cannot be had any more, and cancels the rest.
constexpr gather_policy quorum(std::size_t count) noexcept { return gather_policy(gather_policy::kind::quorum, count); }
/// Ends after `time` at the latest, counted from the call of gather(), with what there is then, and cancels the rest.
/// Time that reading the range takes counts, but is not cut short. A call that hangs holds up those that were packed with
/// it: where some may, scatter with packing::none().
constexpr gather_policy best_effort(std::chrono::milliseconds time) noexcept {
    return gather_policy(gather_policy::kind::best_effort, 0, time);
}

/// Fewer calls succeeded than quorum() asked for; why().causes has the first of the failures.
class incomplete : public call_error {
    using call_error::call_error;
};

namespace detail {

/// Decides when a gather ends. Pure.
class gather_decision {
  public:
    explicit gather_decision(const gather_policy& policy) noexcept : policy_(policy) {}

    void succeeded() noexcept { ++values_; }
    void failed(std::size_t index, const failure& why);

    [[nodiscard]] bool has_enough() const noexcept;
    /// No more than `possible` further values can come.
    [[nodiscard]] bool is_hopeless(std::size_t possible) const noexcept;
    /// The failure that says so.
    [[nodiscard]] failure shortfall(std::string_view task) const;
    /// When to stop waiting, if it begins `now`.
    [[nodiscard]] std::chrono::steady_clock::time_point until(std::chrono::steady_clock::time_point now) const noexcept;

  private:
    gather_policy policy_;
    std::size_t values_ = 0;
    std::size_t failures_ = 0;
    std::vector<std::string> causes_;  ///< the first failures, for people
};

/// What has come when a gather's time is over is taken, but not for longer than this.
inline constexpr std::chrono::milliseconds taking_time{20};
/// Whether it is `until` or later.
[[nodiscard]] bool is_past(std::chrono::steady_clock::time_point until) noexcept;

/// How many values may come yet of a run of which `taken` outcomes have been taken.
template <class Run>
std::size_t values_to_come(const Run& run, std::size_t taken) {
    if (run.whole()) return run.pending();
    const std::size_t all = run.sized_elements().value_or(static_cast<std::size_t>(-1));
    return all > taken ? all - taken : run.pending();
}

/// What a call without a result is gathered as.
struct no_value {};

}  // namespace detail

/// What a gather has: values and failures by their place in the range, and what has neither.
template <class Result>
class gathered {
  public:
    using value_type = std::conditional_t<std::is_void_v<Result>, detail::no_value, Result>;
    struct indexed_value {
        std::size_t index = 0;
        value_type value{};
    };
    struct indexed_failure {
        std::size_t index = 0;
        failure why;
    };

    /// In the order of the range.
    [[nodiscard]] const std::vector<indexed_value>& values() const& noexcept { return values_; }
    [[nodiscard]] std::vector<indexed_value> values() && noexcept { return std::move(values_); }
    [[nodiscard]] const std::vector<indexed_failure>& failures() const& noexcept { return failures_; }
    [[nodiscard]] std::vector<indexed_failure> failures() && noexcept { return std::move(failures_); }
    /// The indexes of elements that have neither: their calls were cancelled at the end, or not even made. Of a range that
    /// was not read to its end, only what was read is known, unless it has a size().
    [[nodiscard]] std::vector<std::size_t> missing() const {
        std::vector<std::size_t> indexes;
        auto value = values_.begin();
        auto why = failures_.begin();
        for (std::size_t index = 0; index < elements_; ++index) {
            if (value != values_.end() && value->index == index) {
                ++value;
            } else if (why != failures_.end() && why->index == index) {
                ++why;
            } else {
                indexes.push_back(index);
            }
        }
        return indexes;
    }
    /// How many elements the range is known to have.
    [[nodiscard]] std::size_t elements() const noexcept { return elements_; }
    [[nodiscard]] gather_end ended() const noexcept { return ended_; }
    /// Whether every element of the range has a value.
    [[nodiscard]] bool complete() const noexcept {
        return ended_ == gather_end::complete && values_.size() == elements_;
    }
    /// The value at `index`; null when there is none.
    [[nodiscard]] const value_type* find(std::size_t index) const noexcept {
        const auto at = std::lower_bound(values_.begin(), values_.end(), index,
                                         [](const indexed_value& one, std::size_t i) { return one.index < i; });
        return at != values_.end() && at->index == index ? &at->value : nullptr;
    }

  private:
    template <class Run>
    friend gathered<typename std::remove_reference_t<Run>::result_type> gather(Run&& run, const gather_policy& policy);

    void add(std::size_t index, result<Result>&& outcome) {
        if (!outcome) {
            failures_.push_back({index, std::move(outcome).error()});
        } else if constexpr (std::is_void_v<Result>) {
            values_.push_back({index, {}});
        } else {
            values_.push_back({index, *std::move(outcome)});
        }
    }
    void finish(std::size_t elements, gather_end ended) {
        const auto by_index = [](const auto& one, const auto& other) { return one.index < other.index; };
        std::sort(values_.begin(), values_.end(), by_index);
        std::sort(failures_.begin(), failures_.end(), by_index);
        elements_ = elements;
        ended_ = ended;
    }

    std::vector<indexed_value> values_;
    std::vector<indexed_failure> failures_;
    std::size_t elements_ = 0;
    gather_end ended_ = gather_end::complete;
};

/// Takes the outcomes of `run` until `policy` says that it is enough. What is still out then is cancelled. Nothing is called
/// for first(0) and quorum(0); an empty range is complete, with nothing in it.
///
/// With all and fail_fast, a scatter that ended before all was called throws timeout or cancelled; with the others that is
/// in gathered::ended().
template <class Run>
gathered<typename std::remove_reference_t<Run>::result_type> gather(Run&& run, const gather_policy& policy = all) {
    using task = typename std::remove_reference_t<Run>::task_type;
    using kind = gather_policy::kind;
    gathered<typename task::result_type> got;
    detail::gather_decision decision(policy);
    const auto until = decision.until(std::chrono::steady_clock::now());
    auto ended = gather_end::enough;
    bool late = false;
    for (std::size_t taken = 0; !decision.has_enough() && !decision.is_hopeless(detail::values_to_come(run, taken));
         ++taken) {
        if (!run.wait_until(until)) {
            ended = run.end();
            break;
        }
        if (!late && detail::is_past(until)) {
            late = true;
            run.cancel();  // results may be at hand without end: what has come already is taken, and no more
        }
        auto done = *run.next();
        if (late && !done.outcome && done.outcome.error().code == errc::cancelled) break;
        if (late && detail::is_past(until + detail::taking_time)) break;
        if (done.outcome) {
            decision.succeeded();
        } else if (policy.what() == kind::fail_fast) {
            run.cancel();
            detail::throw_as_declared<typename task::codec>(std::move(done.outcome).error(), typename task::errors{});
        } else {
            decision.failed(done.index, done.outcome.error());
        }
        got.add(done.index, std::move(done.outcome));
    }
    run.cancel();
    if (late && ended != gather_end::complete) ended = gather_end::out_of_time;
    if (decision.is_hopeless(0)) throw incomplete(decision.shortfall(task::name()));
    got.finish(run.elements(), ended);
    if (policy.what() == kind::all && !got.failures().empty()) {
        detail::throw_as_declared<typename task::codec>(got.failures().front().why, typename task::errors{});
    }
    if ((policy.what() == kind::all || policy.what() == kind::fail_fast) && ended != gather_end::complete) {
        detail::throw_ended_early(task::name(), run.calls(), ended);
    }
    return got;
}

}  // namespace sheaf
