// Splitting text into words, fast.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sheaf {

namespace detail {

/// Bit i says whether byte i of the 64 at `from` separates words: whether it is not above ' '.
[[nodiscard]] inline std::uint64_t separators_of_64(const char* from) noexcept {
    std::uint64_t bits = 0;
#if defined(__SSE2__)
    const __m128i space = _mm_set1_epi8(' ');
    for (unsigned i = 0; i < 4; ++i) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 16 * i));
        const __m128i at_most_space = _mm_cmpeq_epi8(_mm_min_epu8(bytes, space), bytes);
        bits |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(at_most_space))) << (16 * i);
    }
#else
    // Eight bytes at a time: the top bit of each byte of `above` says that it is above ' '.
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t tops = 0x8080808080808080;
    for (unsigned i = 0; i < 8; ++i) {
        std::uint64_t word;
        std::memcpy(&word, from + 8 * i, sizeof word);
        if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
        const std::uint64_t above = (((word & ~tops) + (0x7f - ' ') * ones) | word) & tops;
        // Gathers the eight top bits in one byte.
        bits |= (((~above & tops) >> 7) * 0x0102040810204080 >> 56) << (8 * i);
    }
#endif
    return bits;
}

}  // namespace detail

/// Calls f(std::string_view) for each word of `text`, in order. A word is a longest run of bytes above ' ' (so UTF-8 is
/// left whole, and control characters separate as blanks do). The views point into `text`.
template <class F>
void for_each_word(std::string_view text, F&& f) {
    const char* const end = text.data() + text.size();
    const char* at = text.data();
    const char* word = nullptr;  // where a word that reaches into this block began
    std::uint64_t before = 1;    // whether the byte before this block separates
    for (; end - at >= 64; at += 64) {
        const std::uint64_t separators = detail::separators_of_64(at);
        // Each bit is a place where words begin or end, in turn.
        std::uint64_t edges = separators ^ (separators << 1 | before);
        before = separators >> 63;
        if (word != nullptr && edges != 0) {
            f(std::string_view(word, static_cast<std::size_t>(at + std::countr_zero(edges) - word)));
            edges &= edges - 1;
            word = nullptr;
        }
        while (edges != 0) {
            const char* const begin = at + std::countr_zero(edges);
            edges &= edges - 1;
            if (edges == 0) {
                word = begin;
                break;
            }
            f(std::string_view(begin, static_cast<std::size_t>(at + std::countr_zero(edges) - begin)));
            edges &= edges - 1;
        }
    }
    for (; at != end; ++at) {
        if (static_cast<unsigned char>(*at) > ' ') {
            if (word == nullptr) word = at;
        } else if (word != nullptr) {
            f(std::string_view(word, static_cast<std::size_t>(at - word)));
            word = nullptr;
        }
    }
    if (word != nullptr) f(std::string_view(word, static_cast<std::size_t>(end - word)));
}

}  // namespace sheaf
