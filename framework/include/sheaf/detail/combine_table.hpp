// The combiner's table: one state for each key, and a budget. Not for users.
//
// Entries lie one after another in order of first sight, so the common keys share few cache lines; an index of 4 bytes for
// each place finds them. A place holds an entry's number and, in the bits left, a part of its hash. Short keys are in the
// entry itself, longer ones in an arena. Records come in batches: the places that a batch needs are fetched while it fills,
// and the entries while the places are looked at.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/detail/bytes_held.hpp>
#include <sheaf/detail/fold.hpp>
#include <sheaf/detail/page_block.hpp>
#include <sheaf/detail/record_sink.hpp>
#include <sheaf/detail/short_key.hpp>
#include <sheaf/detail/stable_hash.hpp>

namespace sheaf::detail {

/// A state for each key (see fold.hpp).
template <class Fold>
class combine_table {
  public:
    using input = typename Fold::input;
    using state = typename Fold::state;

    /// `budget`: bytes that it may hold, with `extra_per_key` more for each key, which writing it out will take. However
    /// small the budget, there is room for some keys.
    combine_table(std::uint64_t budget, std::size_t extra_per_key, const Fold& fold)
        : fold_(fold),
          budget_(budget),
          bytes_per_key_(sizeof(entry) + (states_inline ? 0 : sizeof(measured_value<state>)) + extra_per_key) {
        entries_.grow(sizeof(entry) * places_min / 2);
        make_places(places_min);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Whether `keys` more short keys fit without going over the budget. Grows the table when that helps.
    [[nodiscard]] bool make_room(std::size_t keys) {
        const std::size_t wanted = size_ + keys;
        if (wanted > places_ / 2) [[unlikely]] {
            if (size_ != 0 && (places_ >= places_max || bytes_with(wanted, 2 * places_) > budget_)) return false;
            grow_places();
        } else if (bytes_with(wanted, places_) > budget_ && is_worth_writing()) [[unlikely]] {
            return false;
        }
        if (wanted * sizeof(entry) > entries_.size()) [[unlikely]]
            entries_.grow(wanted * sizeof(entry));
        return true;
    }

    /// Empties `batch`, and lets it fetch what it will need here while it fills.
    void prepare(short_batch<input>& batch) const noexcept {
        batch.size = 0;
        batch.places = places();
        batch.places_mask = places_ - 1;
    }

    /// Adds all of `batch`. There must be room.
    void add(const short_batch<input>& batch) {
        if constexpr (is_batchable<input>) {
            fetch_entries(batch);
            for (std::size_t i = 0; i < batch.size; ++i) {
                add_short(batch.items[i].key, batch.items[i].hash, input(batch.items[i].value));
            }
        }
    }

    /// Adds one record. There must be room for one key; a long key takes some more.
    void add(std::string_view key, input&& value) {
        if (key.size() <= short_key::bytes_max) {
            const short_key packed = short_key::of(key.data(), key.size());
            add_short(packed, stable_hash(packed), std::move(value));
        } else {
            add_long(key, stable_hash(key), std::move(value));
        }
    }

    [[nodiscard]] std::uint64_t hash_at(std::size_t i) const noexcept {
        const entry& one = entries()[i];
        return is_long(one.key) ? stable_hash(long_key(one.key)) : stable_hash(one.key);
    }
    [[nodiscard]] const short_key& packed_at(std::size_t i) const noexcept { return entries()[i].key; }
    /// The bytes of entry i's key: its own, or, when it is short, written to `scratch` of 16 bytes.
    [[nodiscard]] std::string_view key_at(std::size_t i, char* scratch) const noexcept {
        const short_key& key = entries()[i].key;
        if (is_long(key)) return long_key(key);
        key.store(scratch);
        return {scratch, key.size()};
    }
    [[nodiscard]] state& state_at(std::size_t i) noexcept {
        if constexpr (states_inline) {
            return entries()[i].value;
        } else {
            return states_[i].value();
        }
    }
    [[gnu::always_inline]] void prefetch(std::size_t i) const noexcept { __builtin_prefetch(entries() + i); }

    [[nodiscard]] bool is_long_at(std::size_t i) const noexcept { return is_long(entries()[i].key); }
    /// The first 8 bytes of entry i's key, as a number that compares as they do.
    [[nodiscard]] std::uint64_t prefix_at(std::size_t i) const noexcept {
        const short_key& key = entries()[i].key;
        return is_long(key) ? __builtin_bswap64(load_little_endian<std::uint64_t>(arena_.data() + key.low))
                            : key.prefix();
    }
    /// Whether entry a's key is before entry b's, bytewise.
    [[nodiscard]] bool less(std::size_t a, std::size_t b) const noexcept {
        const short_key& x = entries()[a].key;
        const short_key& y = entries()[b].key;
        if (!is_long(x) && !is_long(y)) {
            return x.low != y.low ? x.prefix() < y.prefix() : x.suffix() < y.suffix();
        }
        char x_bytes[16];
        char y_bytes[16];
        return key_at(a, x_bytes) < key_at(b, y_bytes);
    }

    /// Forgets everything, and keeps the memory.
    void clear() {
        std::memset(places(), 0, places_ * sizeof(std::uint32_t));
        size_ = 0;
        arena_used_ = 0;
        held_by_states_ = 0;
        states_.clear();
    }
    /// Forgets everything, and gives the memory back.
    void release() {
        index_.release();
        entries_.release();
        arena_.release();
        states_ = {};
        size_ = places_ = 0;
    }

  private:
    static constexpr bool states_inline = std::is_trivially_copyable_v<state>;
    static constexpr std::size_t places_min = 1024;
    static constexpr std::size_t places_max = std::size_t{1} << 31;
    static constexpr std::uint64_t long_mark = std::uint64_t{0xff} << 56;

    struct entry_with_state {
        short_key key;
        state value;
    };
    struct entry_without_state {
        short_key key;
    };
    using entry = std::conditional_t<states_inline, entry_with_state, entry_without_state>;
    static_assert(alignof(entry) <= 4096);

    // A long key: `low` is its place in the arena; `high` the mark, 24 bits of its hash and its length.
    [[nodiscard]] static bool is_long(const short_key& key) noexcept { return key.high >= long_mark; }
    [[nodiscard]] std::string_view long_key(const short_key& key) const noexcept {
        return {arena_.data() + key.low, static_cast<std::uint32_t>(key.high)};
    }

    [[nodiscard]] std::uint32_t* places() const noexcept { return reinterpret_cast<std::uint32_t*>(index_.data()); }
    [[nodiscard]] entry* entries() const noexcept { return reinterpret_cast<entry*>(entries_.data()); }

    // The part of a hash that a place holds; neither the bits that choose the place nor those that choose the partition.
    [[nodiscard]] std::uint32_t tag_of(std::uint64_t hash) const noexcept {
        return static_cast<std::uint32_t>(hash >> 16) & ~number_mask_;
    }

    // Fetches the entries that `batch` is likely to need, to their ends: many lie across two cache lines. (Inlined, because
    // GCC takes a function that only prefetches for one without effects, and drops its calls.)
    [[gnu::always_inline]] void fetch_entries(const short_batch<input>& batch) const noexcept {
        const std::uint32_t* const index = places();
        const entry* const all = entries();
        for (std::size_t i = 0; i < batch.size; ++i) {
            const std::uint32_t place = index[batch.items[i].hash & mask_];
            const entry* const likely = all + (place & number_mask_) - (place != 0);
            __builtin_prefetch(likely, 1);
            __builtin_prefetch(reinterpret_cast<const char*>(likely + 1) - 1, 1);
        }
    }

    void add_short(const short_key& key, std::uint64_t hash, input&& value) {
        const std::uint32_t tag = tag_of(hash);
        std::uint32_t* const index = places();
        for (std::uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
            const std::uint32_t place = index[at];
            if (place == 0) return insert(at, tag, key, std::move(value));
            if ((place & ~number_mask_) != tag) continue;
            entry& found = entries()[(place & number_mask_) - 1];
            if (found.key == key) return merge((place & number_mask_) - 1, std::move(value));
        }
    }

    void add_long(std::string_view key, std::uint64_t hash, input&& value) {
        const std::uint32_t tag = tag_of(hash);
        const std::uint64_t high = long_mark | (hash & 0xffffff) << 32 | key.size();
        std::uint32_t* const index = places();
        for (std::uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
            const std::uint32_t place = index[at];
            if (place == 0) return insert(at, tag, {keep(key), high}, std::move(value));
            if ((place & ~number_mask_) != tag) continue;
            const std::size_t number = (place & number_mask_) - 1;
            const short_key& found = entries()[number].key;
            if (found.high == high && long_key(found) == key) return merge(number, std::move(value));
        }
    }

    void insert(std::uint64_t at, std::uint32_t tag, const short_key& key, input&& value) {
        if constexpr (states_inline) {
            std::construct_at(entries() + size_, entry{key, fold_.first(std::move(value))});
        } else {
            std::construct_at(entries() + size_, entry{key});
            states_.emplace_back(fold_.first(std::move(value)));
            held_by_states_ += states_.back().bytes_held();
        }
        places()[at] = tag | static_cast<std::uint32_t>(++size_);
    }

    void merge(std::size_t number, input&& value) {
        fold_.add(state_at(number), std::move(value));
        if constexpr (!states_inline) held_by_states_ += states_[number].changed();
    }

    std::uint64_t keep(std::string_view key) {
        // Eight bytes more, so that prefix_at may read a whole word at the last key's start.
        if (arena_used_ + key.size() + 8 > arena_.size()) arena_.grow(arena_used_ + key.size() + 8);
        std::memcpy(arena_.data() + arena_used_, key.data(), key.size());
        return std::exchange(arena_used_, arena_used_ + key.size());
    }

    // However small the budget is: a few keys that hold little are no reason to write them out.
    [[nodiscard]] bool is_worth_writing() const noexcept {
        constexpr std::size_t few_keys = 64;
        constexpr std::uint64_t little = 64U << 10;
        return size_ > few_keys || arena_used_ + held_by_states_ > std::max(little, budget_ / 2);
    }

    [[nodiscard]] std::uint64_t bytes_with(std::size_t keys, std::size_t places) const noexcept {
        return keys * bytes_per_key_ + places * sizeof(std::uint32_t) + arena_used_ + held_by_states_;
    }

    void make_places(std::size_t count) {
        index_.release();  // first: there are never two indexes at a time
        index_ = page_block(count * sizeof(std::uint32_t));
        places_ = count;
        mask_ = count - 1;
        number_mask_ = static_cast<std::uint32_t>(count - 1);
    }

    void grow_places() {
        make_places(2 * places_);
        std::uint32_t* const index = places();
        constexpr std::size_t ahead = 16;
        std::uint64_t hashes[ahead];
        for (std::size_t begin = 0; begin < size_; begin += ahead) {
            const std::size_t count = std::min(ahead, size_ - begin);
            for (std::size_t i = 0; i < count; ++i) {
                hashes[i] = hash_at(begin + i);
                __builtin_prefetch(index + (hashes[i] & mask_), 1);
            }
            for (std::size_t i = 0; i < count; ++i) {
                std::uint64_t at = hashes[i] & mask_;
                while (index[at] != 0) at = (at + 1) & mask_;
                index[at] = tag_of(hashes[i]) | static_cast<std::uint32_t>(begin + i + 1);
            }
        }
    }

    [[no_unique_address]] Fold fold_;
    std::uint64_t budget_;
    std::size_t bytes_per_key_;
    std::size_t size_ = 0;
    std::size_t places_ = 0;  ///< a power of two, more than twice the keys
    std::uint64_t mask_ = 0;
    std::uint32_t number_mask_ = 0;
    std::uint64_t arena_used_ = 0;
    std::uint64_t held_by_states_ = 0;
    page_block index_;
    page_block entries_;
    page_block arena_;
    std::deque<measured_value<state>> states_;  ///< of types that cannot be moved as bytes
};

}  // namespace sheaf::detail
