// Where emitted records go. Keys that are short, with values that are plain, travel in batches. Not for users.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <variant>

#include <sheaf/detail/short_key.hpp>

namespace sheaf::detail {

/// Whether values of type V can wait in a batch: they are copied as bytes, and show nothing that may be gone by then.
template <class V>
inline constexpr bool is_batchable =
    std::is_trivially_copyable_v<V> && !std::is_same_v<V, std::string_view> && sizeof(V) <= 64;

/// A value that can wait in a batch, or none yet: V may have no default constructor, or one that writes.
template <class V>
class waiting_value {
  public:
    waiting_value() = default;
    waiting_value(const V& value) noexcept { std::memcpy(bytes_, &value, sizeof value); }
    operator V() const noexcept { return std::bit_cast<V>(*this); }

  private:
    alignas(V) std::byte bytes_[sizeof(V)];
};

/// Records with short keys, each with its hash. While it fills, the places in the table that it will need are fetched.
template <class V>
struct short_batch {
    static constexpr std::size_t capacity = 32;

    struct item {
        short_key key;
        std::uint64_t hash;
        std::conditional_t<is_batchable<V>, waiting_value<V>, std::monostate> value;
    };

    std::size_t size = 0;
    const std::uint32_t* places = nullptr;  ///< a table's index: what to fetch for a hash
    std::uint64_t places_mask = 0;
    std::array<item, capacity> items;
};

/// Takes records. `V` is what values are passed as (see value_argument). Values that are not batchable come one by one.
template <class V>
class record_sink {
  public:
    virtual ~record_sink() = default;

    /// The sink's batch, empty, to be filled. Asked for once.
    [[nodiscard]] virtual short_batch<V>& batch() = 0;
    /// Takes what is in the batch, and empties it.
    virtual void take_batch() = 0;
    /// Takes one record of any size; not in order with those in batches.
    virtual void take(std::string_view key, V&& value) = 0;
};

}  // namespace sheaf::detail
