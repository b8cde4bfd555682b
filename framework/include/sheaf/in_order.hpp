// The outcomes of a scatter in the order of its range, as they come.
#pragma once

#include <cstddef>
#include <deque>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

#include <sheaf/scatter.hpp>

namespace sheaf {

/// A range for one pass. Outcomes that came before their turn wait in it: those count in the scatter's window, so that no more
/// of them wait than the window has room for, and a slow call holds up the calls that come a window after it.
template <class Run>
class ordered_range {
    using run_type = std::remove_reference_t<Run>;
    using item = completed<typename run_type::result_type>;

  public:
    class iterator {
      public:
        using value_type = item;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        using reference = item&;
        using pointer = item*;

        iterator() = default;
        explicit iterator(ordered_range* of) : of_(of) {}
        item& operator*() const { return *of_->current_; }
        item* operator->() const { return &*of_->current_; }
        iterator& operator++() {
            of_->advance();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& it, std::default_sentinel_t /*end*/) { return it.is_at_end(); }

      private:
        [[nodiscard]] bool is_at_end() const { return !of_->current_; }

        ordered_range* of_ = nullptr;
    };

    explicit ordered_range(Run&& run) : run_(std::forward<Run>(run)) {}

    /// Waits for the first element's outcome. Call it once.
    iterator begin() {
        advance();
        return iterator(this);
    }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  private:
    void advance() {
        current_ = std::nullopt;
        while (early_.empty() || !early_.front()) {
            auto done = run_.next_held();
            if (!done) return;
            const std::size_t ahead = done->index - next_;
            if (ahead >= early_.size()) early_.resize(ahead + 1);
            early_[ahead] = std::move(done);
        }
        current_ = std::move(early_.front());
        early_.pop_front();
        ++next_;
        run_.release();
    }

    Run run_;                                // a reference when it was an lvalue
    std::deque<std::optional<item>> early_;  // from the one whose turn it is
    std::size_t next_ = 0;
    std::optional<item> current_;
};

/// The outcomes of `run` in the order of its range; each is a completed<result>, an index and a result:
///     for (auto& [index, outcome] : sheaf::in_order(cluster.scatter(parse, lines))) ...
/// Takes all of the run's outcomes: nothing may have been taken from it before.
template <class Run>
ordered_range<Run> in_order(Run&& run) {
    return ordered_range<Run>(std::forward<Run>(run));
}

}  // namespace sheaf
