// Keys of up to 15 bytes as two words: comparing and hashing them costs a few instructions and no memory. Not for users.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sheaf::detail {

// Reading past a key's end within its page is harmless to the machine, but sanitizers are right to complain of it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SHEAF_EXACT_LOADS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define SHEAF_EXACT_LOADS 1
#endif
#endif

/// `value` with its bytes in the order that the formats on disk and the hash use (little-endian).
template <class Word>
[[nodiscard]] constexpr Word little_endian(Word value) noexcept {
    if constexpr (std::endian::native == std::endian::little || sizeof(Word) == 1) {
        return value;
    } else {
        return static_cast<Word>(sizeof(Word) == 8   ? __builtin_bswap64(static_cast<std::uint64_t>(value))
                                 : sizeof(Word) == 4 ? __builtin_bswap32(static_cast<std::uint32_t>(value))
                                                     : __builtin_bswap16(static_cast<std::uint16_t>(value)));
    }
}

template <class Word>
[[nodiscard]] inline Word load_little_endian(const char* from) noexcept {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return little_endian(word);
}

template <class Word>
inline void store_little_endian(char* to, Word word) noexcept {
    word = little_endian(word);
    std::memcpy(to, &word, sizeof word);
}

/// Up to 15 bytes, padded with zeros, as little-endian words; the topmost byte of `high` is the length.
struct short_key {
    static constexpr std::size_t bytes_max = 15;

    std::uint64_t low = 0;
    std::uint64_t high = 0;

    friend bool operator==(const short_key&, const short_key&) = default;

    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(high >> 56); }

    /// Writes 16 bytes to `to`, of which the first size() are the key.
    void store(char* to) const noexcept {
        store_little_endian(to, low);
        store_little_endian(to + 8, high);
    }
    /// The bytes as numbers that compare as the bytes do.
    [[nodiscard]] std::uint64_t prefix() const noexcept { return __builtin_bswap64(low); }
    [[nodiscard]] std::uint64_t suffix() const noexcept { return __builtin_bswap64(high << 8) | high >> 56; }

    /// The key made of `size` <= bytes_max bytes at `from`.
    [[nodiscard]] static short_key of(const char* from, std::size_t size) noexcept;

  private:
    [[nodiscard]] static short_key copied(const char* from, std::size_t size) noexcept {
        char bytes[16] = {};
        std::memcpy(bytes, from, size);
        return {load_little_endian<std::uint64_t>(bytes),
                load_little_endian<std::uint64_t>(bytes + 8) | std::uint64_t{size} << 56};
    }
};

#if defined(__SSE2__) && !defined(SHEAF_EXACT_LOADS)

inline short_key short_key::of(const char* from, std::size_t size) noexcept {
    alignas(32) static constexpr unsigned char keep[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                           255, 255, 255, 255, 255, 255, 255, 255};
    // One load of fixed size, then cut: words' lengths are random, so branches on them are mispredicted. The load may reach
    // past the key's end but not into another page, which may not be there.
    if ((reinterpret_cast<std::uintptr_t>(from) & 4095) > 4096 - 16) [[unlikely]]
        return copied(from, size);
    asm("" : "+r"(from));  // the compiler must not reason about where the object at `from` ends
    const __m128i all = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i mask = _mm_loadu_si128(reinterpret_cast<const __m128i*>(keep + 16 - size));
    const __m128i cut = _mm_and_si128(all, mask);
    return {static_cast<std::uint64_t>(_mm_cvtsi128_si64(cut)),
            static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(cut, cut))) | std::uint64_t{size} << 56};
}

#else

inline short_key short_key::of(const char* from, std::size_t size) noexcept { return copied(from, size); }

#endif

}  // namespace sheaf::detail
