// Ranges for one pass, over something that gives one item after the other until it gives nothing. Not for users.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

namespace sheaf::detail {

/// Walks a `Source`, whose pull() puts the next item, or nothing, into its current().
template <class Source, class Item>
class pull_iterator {
  public:
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using reference = Item&;
    using pointer = Item*;

    pull_iterator() = default;
    explicit pull_iterator(Source* of) : of_(of) {}
    Item& operator*() const { return *of_->current(); }
    Item* operator->() const { return &*of_->current(); }
    pull_iterator& operator++() {
        of_->pull();
        return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const pull_iterator& it, std::default_sentinel_t /*end*/) { return it.is_at_end(); }

  private:
    [[nodiscard]] bool is_at_end() const { return !of_->current(); }

    Source* of_ = nullptr;
};

/// What `Next` gives when it is called, an optional each time, until that is empty.
template <class Next>
class pulled_range {
    using pulled = std::remove_cvref_t<decltype(std::declval<Next&>()())>;

  public:
    using iterator = pull_iterator<pulled_range, typename pulled::value_type>;

    explicit pulled_range(Next next) : next_(std::move(next)) {}

    /// Waits for the first. Call it once.
    iterator begin() {
        pull();
        return iterator(this);
    }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

    void pull() { current_ = next_(); }
    [[nodiscard]] pulled& current() noexcept { return current_; }

  private:
    Next next_;
    pulled current_;
};

}  // namespace sheaf::detail
