// Many results to one, as they arrive: by the caller, or by the workers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/cluster.hpp>
#include <sheaf/scatter.hpp>

namespace sheaf {

/// op(... op(op(init, result), result) ..., result) for the results of `run` in order of arrival, none of which is kept: `op` is
/// associative and commutative, or the value depends on chance. Of an empty range, `init`. Throws the first failure to
/// arrive, and cancels the rest.
///     const long sum = sheaf::reduce(cluster.scatter(square, numbers), std::plus<>{}, 0L);
template <class Run, class Op, class T>
[[nodiscard]] T reduce(Run&& run, Op op, T init) {
    using task = typename std::remove_reference_t<Run>::task_type;
    while (auto done = run.next()) {
        if (!done->outcome) run.cancel();
        init = op(std::move(init), detail::value_or_throw<task>(std::move(done->outcome)));
    }
    detail::require_whole(run);
    return init;
}

/// How results are reduced on the workers. Aggregate: name what differs from the defaults.
struct tree_options {
    /// How many results one call of the merging task takes, at least 2. Ignored, and 2, for tasks of two arguments.
    std::size_t fan_in = 32;
    /// How the merging calls are made; they are not packed, and scatter_options::window limits how many are out.
    scatter_options scatter{};
};

namespace detail {

template <class Task, class R>
inline constexpr bool merges_pairs =
    std::is_same_v<typename Task::arguments_type, std::tuple<R, R>> && std::is_same_v<typename Task::result_type, R>;
template <class Task, class R>
inline constexpr bool merges_vectors = std::is_same_v<typename Task::arguments_type, std::tuple<std::vector<R>>> &&
                                       std::is_same_v<typename Task::result_type, R>;

/// Elements of a scatter that are put there while it runs: at the end of the range there may be more later.
template <class T>
struct feed {
    struct iterator {
        feed* of;
        T& operator*() const { return of->waiting.front(); }
        iterator& operator++() {
            of->waiting.pop_front();
            return *this;
        }
        friend bool operator==(const iterator& it, std::default_sentinel_t /*end*/) { return it.of->waiting.empty(); }
    };
    iterator begin() { return {this}; }
    [[nodiscard]] std::default_sentinel_t end() const { return {}; }

    std::deque<T> waiting;
};

template <class Task, class R>
class tree_reduction {
    using group = std::conditional_t<merges_pairs<Task, R>, std::tuple<R, R>, std::vector<R>>;

  public:
    tree_reduction(sheaf::cluster& on, const Task& merge, std::size_t fan_in, const scatter_options& how)
        : fan_in_(merges_pairs<Task, R> ? 2 : std::max<std::size_t>(fan_in, 2)),
          merges_(on.scatter(merge, groups_, how)) {}

    void add(R&& value) {
        values_.push_back(std::move(value));
        if (values_.size() >= fan_in_) form_group();
        take_while_full();
    }
    /// What all values come to. Nothing if there were none.
    std::optional<R> finish() {
        while (out_ != 0 || values_.size() > 1) {
            if (out_ == 0) form_group();
            take(std::chrono::steady_clock::time_point::max());
        }
        if (values_.empty()) return std::nullopt;
        return std::move(values_.front());
    }

  private:
    static constexpr std::size_t out_max = 64;

    void form_group() {
        const std::size_t size = std::min(values_.size(), fan_in_);
        const auto first = values_.end() - static_cast<std::ptrdiff_t>(size);
        if constexpr (merges_pairs<Task, R>) {
            groups_.waiting.emplace_back(std::move(first[0]), std::move(first[1]));
        } else {
            groups_.waiting.emplace_back(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
        }
        values_.erase(first, values_.end());
        ++out_;
    }
    /// Takes what has come, and waits while too many merging calls are out.
    void take_while_full() {
        while (take(out_ >= out_max ? std::chrono::steady_clock::time_point::max()
                                    : std::chrono::steady_clock::time_point::min())) {
        }
    }
    bool take(std::chrono::steady_clock::time_point until) {
        if (out_ == 0) return false;
        if (!merges_.wait_until(until)) {
            // Stopped or past its deadline: groups that have not been called will not be.
            if (merges_.pending() == 0) throw_ended_early(Task::name(), merges_.calls(), merges_.end());
            return false;
        }
        values_.push_back(value_or_throw<Task>(std::move(merges_.next()->outcome)));
        --out_;
        if (values_.size() >= fan_in_) form_group();
        return true;
    }

    std::size_t fan_in_;
    feed<group> groups_;
    std::vector<R> values_;
    std::size_t out_ = 0;  // groups that have been formed and whose value has not come
    scatter_run<Task, feed<group>&> merges_;
};

}  // namespace detail

/// The results of `run` reduced by calls of `merge`, a task R(std::vector<R>) or R(R, R), in a tree: each call takes up to
/// fan_in results, in any order, and its own result is merged again, until one is left. So the work of merging is done by the
/// workers, and this side never holds more than a few groups. Merging is associative and commutative.
///
/// Nothing for an empty range. Of one element, that one's result, without a merging call. Throws the first failure to arrive,
/// of `run` or of `merge`, and cancels the rest.
///     auto all = sheaf::tree_reduce(cluster, cluster.scatter(count_words, files), merge_counts, {.fan_in = 16});
template <class Run, class Task>
[[nodiscard]] std::optional<typename Task::result_type> tree_reduce(sheaf::cluster& on, Run&& run, const Task& merge,
                                                                    tree_options how = {}) {
    using task = typename std::remove_reference_t<Run>::task_type;
    using R = typename task::result_type;
    static_assert(detail::merges_pairs<Task, R> || detail::merges_vectors<Task, R>,
                  "sheaf::tree_reduce: the merging task is R(std::vector<R>) or R(R, R), where R is the result of the "
                  "scatter's task.");
    how.scatter.pack = packing::none();
    detail::tree_reduction<Task, R> tree(on, merge, how.fan_in, how.scatter);
    while (auto done = run.next()) {
        if (!done->outcome) run.cancel();
        tree.add(detail::value_or_throw<task>(std::move(done->outcome)));
    }
    detail::require_whole(run);
    return tree.finish();
}

}  // namespace sheaf
