// How values become bytes inside a run: as codec.hpp has them, but text and numbers as they are, and without the tables of a cereal
// archive, which would cost more than a small class itself. Not for users.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include <sheaf/codec.hpp>
#include <sheaf/detail/cereal_parts.hpp>
#include <sheaf/detail/malformed_record.hpp>
#include <sheaf/detail/short_key.hpp>

namespace sheaf::detail {

/// How values of type V are passed while nobody keeps them: text as a view.
template <class V>
using value_argument = std::conditional_t<std::is_same_v<V, std::string>, std::string_view, V>;

class value_input;

/// What a class's serialize() sees when a value is written. Appends to a string.
class value_output {
  public:
    explicit value_output(std::string& to) noexcept : out(to) {}

    using is_saving = std::true_type;
    using is_loading = std::false_type;
    template <class... T>
    value_output& operator()(const T&... values) {
        (encode_value(*this, values), ...);
        return *this;
    }
    template <class T>
    value_output& operator&(const T& value) {
        return (*this)(value);
    }
    template <class T>
    value_output& operator<<(const T& value) {
        return (*this)(value);
    }
    /// For encode_value(). Classes whose functions need more of cereal get its archive.
    template <class T>
    void object(const T& value) {
        if constexpr (has_parts<value_output, value_input, T>) {
            save_parts(*this, value);
        } else {
            codec::output_archive archive(out);
            archive.object(value);
        }
    }

    std::string& out;
};

/// What a class's serialize() sees when a value is read.
class value_input : public byte_source {
  public:
    explicit value_input(std::string_view bytes) noexcept : byte_source(bytes, decode_limits{}) {}

    using is_saving = std::false_type;
    using is_loading = std::true_type;
    template <class... T>
    value_input& operator()(T&&... values) {
        (decode_value(*this, values), ...);
        return *this;
    }
    template <class T>
    value_input& operator&(T&& value) {
        return (*this)(value);
    }
    template <class T>
    value_input& operator>>(T&& value) {
        return (*this)(value);
    }
    /// For decode_value().
    template <class T>
    void object(T& value) {
        if constexpr (has_parts<value_output, value_input, T>) {
            load_parts(*this, value);
        } else {
            codec::input_archive archive(std::string_view(take(0), left()));
            archive.object(value);
            (void)take(archive.consumed());
        }
    }
};

/// Of values that are not one varint.
template <class T>
struct value_codec {
    static void append(std::string& to, const T& value) {
        value_output out(to);
        out(value);
    }
    /// Throws malformed_record.
    static void read(std::string_view bytes, T& value) {
        try {
            value_input in(bytes);
            in(value);
            in.expect_end();
        } catch (const decode_error& why) {
            throw malformed_record(why.what());
        }
    }
};

template <>
struct value_codec<std::string> {
    static void append(std::string& to, std::string_view value) { to += value; }
    static void read(std::string_view bytes, std::string& value) { value = bytes; }
};

template <class T>
    requires std::floating_point<T> || std::same_as<T, bool>
struct value_codec<T> {
    using word = std::conditional_t<sizeof(T) == 8, std::uint64_t,
                                    std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint8_t>>;
    static_assert(sizeof(T) == sizeof(word), "long double has no format that is the same on every machine");

    static void append(std::string& to, T value) {
        char bytes[sizeof(word)];
        if constexpr (std::same_as<T, bool>) {
            store_little_endian(bytes, static_cast<word>(value ? 1 : 0));
        } else {
            store_little_endian(bytes, std::bit_cast<word>(value));
        }
        to.append(bytes, sizeof bytes);
    }
    static void read(std::string_view bytes, T& value) {
        if (bytes.size() != sizeof(word)) throw malformed_record("a number has the wrong size");
        const auto number = load_little_endian<word>(bytes.data());
        if constexpr (std::same_as<T, bool>) {
            if (number > 1) throw malformed_record("a truth value is neither 0 nor 1");
            value = number == 1;
        } else {
            value = std::bit_cast<T>(number);
        }
    }
};

}  // namespace sheaf::detail
