// Puts what comes in any order into the order of its numbers. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace sheaf::detail {

/// Every number from 0 on is either put in with something, or skipped, once. They come out in their order.
template <class T>
class order_gate {
  public:
    void put(std::uint64_t number, T what) { early_.emplace(number, std::move(what)); }
    void skip(std::uint64_t number) { early_.emplace(number, std::nullopt); }

    /// The next number in order, if it is there, and what was put in with it; nothing of a number that was skipped.
    std::optional<std::pair<std::uint64_t, std::optional<T>>> take() {
        const auto first = early_.begin();
        if (first == early_.end() || first->first != next_) return std::nullopt;
        std::pair<std::uint64_t, std::optional<T>> taken{first->first, std::move(first->second)};
        early_.erase(first);
        ++next_;
        return taken;
    }

  private:
    std::map<std::uint64_t, std::optional<T>> early_;
    std::uint64_t next_ = 0;
};

}  // namespace sheaf::detail
