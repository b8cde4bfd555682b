// Keys of any type as bytes that compare as the keys do. Not for users.
//
// Fields follow one another in the order of the type or of its own serialize(), each so that no encoding is the beginning of another:
//   integers, enums   big-endian, as wide as they are; of signed ones the sign bit is flipped
//   floating point    their bits; all flipped when negative, else the sign bit. -0 is written as 0, every NaN as one that comes last
//   bool, optional    a byte 0 or 1, and what is there
//   text              its bytes, in which 0 is written as 0 255, then 0 0
//   sequences         a byte 1 before each element, then 0; arrays, pairs, tuples: their parts alone
//   variant           the index of the alternative, a byte, and the alternative
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <sheaf/detail/cereal_parts.hpp>
#include <sheaf/detail/malformed_record.hpp>
#include <sheaf/detail/short_key.hpp>
#include <sheaf/detail/wire_kind.hpp>

namespace sheaf::detail {

/// The unsigned integer that is as wide as T.
template <class T>
using word_of =
    std::conditional_t<sizeof(T) == 1, std::uint8_t,
                       std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                          std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;

template <class Word>
inline constexpr Word top_bit = static_cast<Word>(Word{1} << (8 * sizeof(Word) - 1));

/// A number as a word that compares as it does.
template <class T>
[[nodiscard]] constexpr word_of<T> to_ordered_word(T value) noexcept {
    using word = word_of<T>;
    if constexpr (std::floating_point<T>) {
        if (value != value) return std::numeric_limits<word>::max();
        const auto bits = value == 0 ? word{0} : std::bit_cast<word>(value);
        return (bits & top_bit<word>) != 0 ? static_cast<word>(~bits) : static_cast<word>(bits | top_bit<word>);
    } else if constexpr (std::is_signed_v<T>) {
        return static_cast<word>(static_cast<word>(value) ^ top_bit<word>);
    } else {
        return static_cast<word>(value);
    }
}

template <class T>
[[nodiscard]] constexpr T from_ordered_word(word_of<T> bits) noexcept {
    using word = word_of<T>;
    if constexpr (std::floating_point<T>) {
        if (bits == std::numeric_limits<word>::max()) return std::numeric_limits<T>::quiet_NaN();
        return std::bit_cast<T>((bits & top_bit<word>) != 0 ? static_cast<word>(bits ^ top_bit<word>)
                                                            : static_cast<word>(~bits));
    } else if constexpr (std::is_signed_v<T>) {
        return static_cast<T>(static_cast<word>(bits ^ top_bit<word>));
    } else {
        return static_cast<T>(bits);
    }
}

/// Appends text so that its end is known. Only for keys that something follows.
void append_ordered_text(std::string& to, std::string_view text);
/// Reads what append_ordered_text() wrote, from the front of `bytes`; returns what it took, and the text: a view of `bytes`, or of
/// `scratch` when it has zeros. Throws malformed_record.
std::size_t read_ordered_text(std::string_view bytes, std::string& scratch, std::string_view& text);

/// Writes keys. Up to 15 bytes stay in registers: the compiler folds what a class's serialize() does to a few shifts.
class ordered_output {
  public:
    /// Longer keys go to `rest`, which is emptied first.
    explicit ordered_output(std::string& rest) noexcept : rest_(rest) {}

    using is_saving = std::true_type;
    using is_loading = std::false_type;
    template <class... T>
    [[gnu::always_inline]] ordered_output& operator()(const T&... values);
    template <class T>
    [[gnu::always_inline]] ordered_output& operator&(const T& value) {
        return (*this)(value);
    }
    template <class T>
    [[gnu::always_inline]] ordered_output& operator<<(const T& value) {
        return (*this)(value);
    }

    template <class Word>
    [[gnu::always_inline]] void put(Word bits) {
        if (size_ + sizeof(Word) <= short_key::bytes_max) [[likely]] {
            packed_ = packed_ << (8 * sizeof(Word)) | bits;
            size_ += sizeof(Word);
        } else {
            put_long(bits, sizeof(Word));
        }
    }
    void put_text(std::string_view text) {
        go_long();
        append_ordered_text(rest_, text);
    }

    [[nodiscard]] bool is_short() const noexcept { return size_ <= short_key::bytes_max; }
    /// The key, when it is short.
    [[nodiscard]] short_key packed() const noexcept {
        // Shifted twice, because shifting by all 128 bits is undefined.
        const wide all = packed_ << (8 * (short_key::bytes_max - size_)) << 8;
        return {__builtin_bswap64(static_cast<std::uint64_t>(all >> 64)),
                __builtin_bswap64(static_cast<std::uint64_t>(all)) | std::uint64_t{size_} << 56};
    }
    /// The key, whatever it is. A short one is in `room`.
    [[nodiscard]] std::string_view bytes(char (&room)[16]) const noexcept {
        if (!is_short()) return rest_;
        packed().store(room);
        return {room, size_};
    }

  private:
    __extension__ using wide = unsigned __int128;

    void go_long();
    void put_long(std::uint64_t bits, std::size_t size);

    std::string& rest_;
    wide packed_ = 0;
    std::size_t size_ = 0;  ///< above short_key::bytes_max when all is in rest_
};

/// Reads keys.
class ordered_input {
  public:
    explicit ordered_input(std::string_view bytes) noexcept : left_(bytes) {}

    using is_saving = std::false_type;
    using is_loading = std::true_type;
    template <class... T>
    ordered_input& operator()(T&&... values);
    template <class T>
    ordered_input& operator&(T&& value) {
        return (*this)(value);
    }
    template <class T>
    ordered_input& operator>>(T&& value) {
        return (*this)(value);
    }

    /// Throws malformed_record when there is too little, as all below does.
    template <class Word>
    [[nodiscard]] Word take() {
        if (left_.size() < sizeof(Word)) throw malformed_record("a key is cut off");
        Word bits;
        std::memcpy(&bits, left_.data(), sizeof(Word));
        left_.remove_prefix(sizeof(Word));
        if constexpr (std::endian::native == std::endian::little) {
            if constexpr (sizeof(Word) == 2) bits = __builtin_bswap16(bits);
            if constexpr (sizeof(Word) == 4) bits = __builtin_bswap32(bits);
            if constexpr (sizeof(Word) == 8) bits = __builtin_bswap64(bits);
        }
        return bits;
    }
    [[nodiscard]] bool take_mark();
    /// A view of the bytes that are read, or of memory of this object's that the next text changes.
    [[nodiscard]] std::string_view take_text();
    [[nodiscard]] std::string_view left() const noexcept { return left_; }

    /// Counts one level of nested classes while it lives; bytes that nest without end are malformed.
    class level {
      public:
        explicit level(ordered_input& of) : of_(of) {
            if (++of_.depth_ > depth_max) throw malformed_record("a key is nested too deep");
        }
        ~level() { --of_.depth_; }
        level(const level&) = delete;
        level& operator=(const level&) = delete;

      private:
        ordered_input& of_;
    };

  private:
    static constexpr unsigned depth_max = 64;

    std::string_view left_;
    std::string scratch_;
    unsigned depth_ = 0;
};

template <class T>
inline constexpr bool is_variant_of_at_most_256 = true;
template <class... T>
inline constexpr bool is_variant_of_at_most_256<std::variant<T...>> = sizeof...(T) <= 256;

/// Stops the compiler, with a sentence, at types that are no keys.
template <class T>
constexpr void refuse_unordered() {
    refuse_unsendable<T>();
    static_assert(
        !requires { typename T::hasher; },
        "sheaf: an unordered container has no order by which keys could meet. Use std::set or std::map, or a sorted "
        "std::vector.");
    static_assert(!is_owning_pointer<T>,
                  "sheaf: a key holds its parts itself. Use std::optional in place of std::unique_ptr.");
    static_assert(is_variant_of_at_most_256<T>, "sheaf: a variant in a key has at most 256 alternatives.");
    static_assert(kind_of<T> != wire_kind::object || has_parts<ordered_output, ordered_input, T>,
                  "sheaf: a class is a key by its own serialize(archive), or save(archive) and load(archive): they "
                  "name the fields in "
                  "the order in which they count.");
}

template <class T>
[[gnu::always_inline]] inline void write_ordered(ordered_output& to, const T& value) {
    refuse_unordered<T>();
    constexpr wire_kind kind = kind_of<T>;
    if constexpr (kind == wire_kind::boolean) {
        to.put(static_cast<std::uint8_t>(value ? 1 : 0));
    } else if constexpr (kind == wire_kind::number) {
        to.put(to_ordered_word(value));
    } else if constexpr (kind == wire_kind::enumeration) {
        write_ordered(to, static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (kind == wire_kind::text) {
        to.put_text(value);
    } else if constexpr (kind == wire_kind::array) {
        for (const auto& one : value) write_ordered(to, one);
    } else if constexpr (kind == wire_kind::sequence || kind == wire_kind::set || kind == wire_kind::map) {
        for (const auto& one : value) {
            to.put(std::uint8_t{1});
            write_ordered(to, static_cast<const element_t<T>&>(one));
        }
        to.put(std::uint8_t{0});
    } else if constexpr (kind == wire_kind::optional) {
        to.put(static_cast<std::uint8_t>(value ? 1 : 0));
        if (value) write_ordered(to, *value);
    } else if constexpr (kind == wire_kind::variant) {
        to.put(static_cast<std::uint8_t>(value.index()));
        std::visit([&to](const auto& held) { write_ordered(to, held); }, value);
    } else if constexpr (kind == wire_kind::tuple) {
        std::apply([&to](const auto&... parts) { (write_ordered(to, parts), ...); }, value);
    } else if constexpr (kind == wire_kind::duration) {
        write_ordered(to, value.count());
    } else if constexpr (kind == wire_kind::time_point) {
        write_ordered(to, value.time_since_epoch());
    } else if constexpr (kind == wire_kind::named) {
        write_ordered(to, value.value);
    } else if constexpr (kind != wire_kind::nothing) {
        save_parts(to, value);
    }
}

template <class T>
void read_ordered(ordered_input& from, T& value);

template <class T>
void read_ordered_elements(ordered_input& from, T& value) {
    value.clear();
    while (from.take_mark()) {
        if constexpr (kind_of<T> == wire_kind::map) {
            std::pair<typename T::key_type, typename T::mapped_type> one{};
            read_ordered(from, one);
            value.insert(value.end(), std::move(one));
        } else {
            element_t<T> one{};
            read_ordered(from, one);
            value.insert(value.end(), std::move(one));
        }
    }
}

template <class... T>
void read_ordered_variant(ordered_input& from, std::variant<T...>& value) {
    const auto index = from.take<std::uint8_t>();
    if (index >= sizeof...(T)) throw malformed_record("a variant in a key has no such alternative");
    const auto alternative = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        if (index == I) read_ordered(from, value.template emplace<I>());
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (alternative(std::integral_constant<std::size_t, I>{}), ...);
    }(std::index_sequence_for<T...>{});
}

template <class T>
void read_ordered(ordered_input& from, T& value) {
    refuse_unordered<T>();
    constexpr wire_kind kind = kind_of<T>;
    if constexpr (kind == wire_kind::boolean) {
        value = from.take_mark();
    } else if constexpr (kind == wire_kind::number) {
        value = from_ordered_word<T>(from.template take<word_of<T>>());
    } else if constexpr (kind == wire_kind::enumeration) {
        std::underlying_type_t<T> number{};
        read_ordered(from, number);
        value = static_cast<T>(number);
    } else if constexpr (kind == wire_kind::text) {
        value = from.take_text();
    } else if constexpr (kind == wire_kind::array) {
        for (auto& one : value) read_ordered(from, one);
    } else if constexpr (kind == wire_kind::sequence || kind == wire_kind::set || kind == wire_kind::map) {
        read_ordered_elements(from, value);
    } else if constexpr (kind == wire_kind::optional) {
        value.reset();
        if (from.take_mark()) read_ordered(from, value.emplace());
    } else if constexpr (kind == wire_kind::variant) {
        read_ordered_variant(from, value);
    } else if constexpr (kind == wire_kind::tuple) {
        std::apply([&from](auto&... parts) { (read_ordered(from, parts), ...); }, value);
    } else if constexpr (kind == wire_kind::duration) {
        typename T::rep ticks{};
        read_ordered(from, ticks);
        value = T(ticks);
    } else if constexpr (kind == wire_kind::time_point) {
        typename T::duration since_epoch{};
        read_ordered(from, since_epoch);
        value = T(since_epoch);
    } else if constexpr (kind == wire_kind::named) {
        read_ordered(from, value.value);
    } else if constexpr (kind != wire_kind::nothing) {
        const ordered_input::level nested(from);
        load_parts(from, value);
    }
}

template <class... T>
inline ordered_output& ordered_output::operator()(const T&... values) {
    (write_ordered(*this, values), ...);
    return *this;
}

template <class... T>
ordered_input& ordered_input::operator()(T&&... values) {
    (read_ordered(*this, values), ...);
    return *this;
}

}  // namespace sheaf::detail
