// The outcomes of a scatter in the order of its range, as they come.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <type_traits>
#include <utility>

#include <sheaf/detail/pulled_range.hpp>
#include <sheaf/scatter.hpp>

namespace sheaf {

namespace detail {

/// The outcomes of a run in the order of its range. Those that come before their turn wait here, and count in the scatter's
/// window.
template <class Run>
class outcomes_in_order {
    using item = completed<typename std::remove_reference_t<Run>::result_type>;

  public:
    explicit outcomes_in_order(Run&& run) : run_(std::forward<Run>(run)) {}

    std::optional<item> operator()() {
        while (early_.empty() || !early_.front()) {
            auto done = run_.next_held();
            if (!done) return std::nullopt;
            const std::size_t ahead = done->index - next_;
            if (ahead >= early_.size()) early_.resize(ahead + 1);
            early_[ahead] = std::move(done);
        }
        std::optional<item> turn = std::move(early_.front());
        early_.pop_front();
        ++next_;
        run_.release();
        return turn;
    }

  private:
    Run run_;                                // a reference when it was an lvalue
    std::deque<std::optional<item>> early_;  // from the one whose turn it is
    std::size_t next_ = 0;
};

}  // namespace detail

/// The outcomes of `run` in the order of its range; each is a completed<result>, an index and a result:
///     for (auto& [index, outcome] : sheaf::in_order(cluster.scatter(parse, lines))) ...
/// Takes all of the run's outcomes: nothing may have been taken from it before.
/// Outcomes that come before their turn count in the scatter's window: no more of them wait than it has room for, and a slow
/// call holds up those that come a window after it.
template <class Run>
auto in_order(Run&& run) {
    return detail::pulled_range(detail::outcomes_in_order<Run>(std::forward<Run>(run)));
}

}  // namespace sheaf
