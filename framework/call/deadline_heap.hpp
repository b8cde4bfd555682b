// Things with a time, the earliest of which is wanted. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sheaf::detail {

/// A binary heap of small numbers, each of which knows its place, so that it can change its time or leave. No allocation
/// once it has been as large before.
class deadline_heap {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
    [[nodiscard]] std::uint32_t first() const noexcept { return heap_.front().what; }
    [[nodiscard]] time_point first_time() const noexcept { return empty() ? time_point::max() : heap_.front().at; }

    /// `what` is due at `at`, whether it had a time before or not.
    void set(std::uint32_t what, time_point at) {
        if (what >= places_.size()) places_.resize(what + 1, nowhere);
        if (places_[what] == nowhere) {
            heap_.push_back({at, what});
            return sift_up(heap_.size() - 1);
        }
        heap_[places_[what]].at = at;
        sift_up(places_[what]);
        sift_down(places_[what]);
    }
    /// `what` has no time any more.
    void erase(std::uint32_t what) {
        if (what >= places_.size()) return;
        const std::size_t hole = std::exchange(places_[what], nowhere);
        if (hole == nowhere) return;
        const entry last = heap_.back();
        heap_.pop_back();
        if (hole == heap_.size()) return;
        put(hole, last);
        sift_up(hole);
        sift_down(places_[last.what]);
    }

  private:
    static constexpr std::uint32_t nowhere = ~0U;
    struct entry {
        time_point at;
        std::uint32_t what;
    };

    void put(std::size_t place, const entry& one) noexcept {
        heap_[place] = one;
        places_[one.what] = static_cast<std::uint32_t>(place);
    }
    void sift_up(std::size_t place) noexcept {
        const entry moving = heap_[place];
        while (place != 0 && heap_[(place - 1) / 2].at > moving.at) {
            put(place, heap_[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        put(place, moving);
    }
    void sift_down(std::size_t place) noexcept {
        const entry moving = heap_[place];
        for (std::size_t child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
            if (child + 1 < heap_.size() && heap_[child + 1].at < heap_[child].at) ++child;
            if (moving.at <= heap_[child].at) break;
            put(place, heap_[child]);
            place = child;
        }
        put(place, moving);
    }

    std::vector<entry> heap_;
    std::vector<std::uint32_t> places_;
};

}  // namespace sheaf::detail
