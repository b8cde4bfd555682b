// Storage for many values of one type, addressed by small numbers that stay valid until the value is erased.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "base/assert.hpp"

namespace sheaf::broker {

/// A place in a slab. Used again after erase().
using slot = std::uint32_t;
inline constexpr slot no_slot = 0xffff'ffff;

/// Values in chunks that never move, with a free list. Every access checks that the slot is in use: a stale slot is a
/// mistake of ours that must not turn into someone else's job.
template <class T>
class slab {
  public:
    slot insert(T value) {
        if (first_free_ == no_slot) add_chunk();
        const slot at = first_free_;
        cell& place = cell_at(at);
        first_free_ = *std::get_if<slot>(&place);
        place.template emplace<T>(std::move(value));
        ++size_;
        return at;
    }

    void erase(slot at) {
        SHEAF_ASSERT(contains(at), "only what is there is erased");
        cell_at(at).template emplace<slot>(first_free_);
        first_free_ = at;
        // An hour of backlog should not be paid for in memory for the rest of the server's life.
        if (--size_ == 0) clear();
    }

    [[nodiscard]] bool contains(slot at) const noexcept {
        return at < chunks_.size() * chunk_size && std::holds_alternative<T>(cell_at(at));
    }
    [[nodiscard]] T& operator[](slot at) {
        SHEAF_ASSERT(contains(at), "the slot is in use");
        return *std::get_if<T>(&cell_at(at));
    }
    [[nodiscard]] const T& operator[](slot at) const {
        SHEAF_ASSERT(contains(at), "the slot is in use");
        return *std::get_if<T>(&cell_at(at));
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Calls `visit(slot, value)` for every value, in the order of slots.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (slot at = 0; at < chunks_.size() * chunk_size; ++at) {
            if (const T* const value = std::get_if<T>(&cell_at(at))) visit(at, *value);
        }
    }

  private:
    using cell = std::variant<slot, T>;  // the next free slot, or a value
    static constexpr std::size_t chunk_size = 256;

    [[nodiscard]] cell& cell_at(slot at) noexcept { return chunks_[at / chunk_size][at % chunk_size]; }
    [[nodiscard]] const cell& cell_at(slot at) const noexcept { return chunks_[at / chunk_size][at % chunk_size]; }

    void add_chunk() {
        const auto first = static_cast<slot>(chunks_.size() * chunk_size);
        chunks_.push_back(std::make_unique<cell[]>(chunk_size));
        link_chunk(first);
    }
    void link_chunk(slot first) {
        for (slot i = 0; i < chunk_size; ++i) {
            cell_at(first + i).template emplace<slot>(i + 1 == chunk_size ? first_free_ : first + i + 1);
        }
        first_free_ = first;
    }
    // Keeps one chunk, so that a server with one job at a time does not allocate for each.
    void clear() {
        if (chunks_.size() <= 1) return;
        chunks_.resize(1);
        chunks_.shrink_to_fit();
        first_free_ = no_slot;
        link_chunk(0);
    }

    std::vector<std::unique_ptr<cell[]>> chunks_;
    slot first_free_ = no_slot;
    std::size_t size_ = 0;
};

}  // namespace sheaf::broker
