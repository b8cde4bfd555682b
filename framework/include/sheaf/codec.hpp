// Values as bytes: what tasks' arguments and results travel in.
//
// What can be sent: numbers (not long double), bool, enums with a fixed underlying type, std::string, the standard
// containers, array, pair, tuple, optional, variant, unique_ptr, durations, system_clock's time points, and classes with
// cereal's functions: serialize(), or save() and load(), members or not. No cereal header has to be included for the
// standard types. Pointers, views, shared_ptr and types with virtual functions stop the compiler with a sentence.
//
// Decoding trusts nothing: counts are checked against the bytes that are left before memory is taken, nesting and total
// size are limited, and what is left over at the end is an error.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <cereal/cereal.hpp>

#include <sheaf/bytes.hpp>
#include <sheaf/detail/decode_value.hpp>
#include <sheaf/detail/encode_value.hpp>

namespace sheaf {

namespace codec {

/// The cereal archive that classes' serialize() and save() see. Appends to a string.
class output_archive : public cereal::OutputArchive<output_archive, cereal::AllowEmptyClassElision> {
    using base = cereal::OutputArchive<output_archive, cereal::AllowEmptyClassElision>;

  public:
    // Defined elsewhere, as below, to spare every user the hash tables that cereal's archives hold.
    explicit output_archive(std::string& to);
    ~output_archive() override;
    output_archive(const output_archive&) = delete;
    output_archive& operator=(const output_archive&) = delete;

    template <class... T>
    output_archive& operator()(T&&... values) {
        (detail::encode_value(*this, std::as_const(values)), ...);
        return *this;
    }
    template <class T>
    output_archive& operator&(T&& value) {
        return (*this)(value);
    }
    template <class T>
    output_archive& operator<<(T&& value) {
        return (*this)(value);
    }

    /// What cereal takes apart.
    template <class T>
    void object(const T& value) {
        base::operator()(value);
    }
    template <class T>
    void object(const cereal::SizeTag<T>& count) {
        detail::append_count(out, count.size);
    }
    template <class T>
    void object(const cereal::BinaryData<T>& block) {
        static_assert(std::endian::native == std::endian::little,
                      "sheaf: cereal::binary_data would not be portable from here. Use std::vector or std::array.");
        if (block.size != 0) out.append(static_cast<const char*>(block.data), block.size);
    }

    std::string& out;
};

/// The cereal archive that classes' serialize() and load() see. Reads bytes that must outlive it.
class input_archive : public cereal::InputArchive<input_archive, cereal::AllowEmptyClassElision>,
                      public detail::byte_source {
    using base = cereal::InputArchive<input_archive, cereal::AllowEmptyClassElision>;

  public:
    explicit input_archive(std::string_view bytes, const decode_limits& limits = {});
    ~input_archive() override;
    input_archive(const input_archive&) = delete;
    input_archive& operator=(const input_archive&) = delete;

    template <class... T>
    input_archive& operator()(T&&... values) {
        (detail::decode_value(*this, values), ...);
        return *this;
    }
    template <class T>
    input_archive& operator&(T&& value) {
        return (*this)(value);
    }
    template <class T>
    input_archive& operator>>(T&& value) {
        return (*this)(value);
    }

    /// What cereal puts together.
    template <class T>
    void object(T& value) {
        base::operator()(value);
    }
    /// A count that other cereal code asks for: its elements' size is unknown, so each counts as a byte at least.
    template <class T>
    void object(cereal::SizeTag<T>& tag) {
        tag.size = static_cast<std::remove_reference_t<T>>(count(1, 0));
    }
    template <class T>
    void object(cereal::BinaryData<T>& block) {
        static_assert(!std::is_same_v<std::remove_pointer_t<std::remove_cvref_t<T>>, bool>,
                      "sheaf: read truth values one by one");
        const auto size = static_cast<std::size_t>(block.size);
        if (size != 0) std::memcpy(block.data, take(size), size);
    }
};

// How cereal's own code, such as class versions and types from <cereal/types/...>, reaches the values above.
template <class T>
    requires std::is_arithmetic_v<T>
void save(output_archive& archive, const T& value) {
    archive(value);
}
template <class T>
    requires std::is_arithmetic_v<T>
void load(input_archive& archive, T& value) {
    archive(value);
}
inline void save(output_archive& archive, const std::string& value) { archive(value); }
inline void load(input_archive& archive, std::string& value) { archive(value); }
template <class T>
void save(output_archive& archive, const cereal::NameValuePair<T>& named) {
    archive(named.value);
}
template <class T>
void load(input_archive& archive, cereal::NameValuePair<T>& named) {
    archive(named.value);
}
template <class T>
void save(output_archive& archive, const cereal::SizeTag<T>& tag) {
    archive.object(tag);
}
template <class T>
void load(input_archive& archive, cereal::SizeTag<T>& tag) {
    archive.object(tag);
}
template <class T>
void save(output_archive& archive, const cereal::BinaryData<T>& block) {
    archive.object(block);
}
template <class T>
void load(input_archive& archive, cereal::BinaryData<T>& block) {
    archive.object(block);
}

/// Takes no classes, and so needs no cereal archive, which is not free to construct.
struct plain_output {
    std::string& out;
};

}  // namespace codec
}  // namespace sheaf

// Cereal looks for the one when it meets load_minimal() with the other.
CEREAL_SETUP_ARCHIVE_TRAITS(sheaf::codec::input_archive, sheaf::codec::output_archive)

namespace sheaf {

/// Appends the encoding of `value` to `out`.
template <class T>
void encode_to(std::string& out, const T& value) {
    if constexpr (detail::contains_object<T>()) {
        codec::output_archive archive(out);
        archive(value);
    } else {
        codec::plain_output plain{out};
        detail::encode_value(plain, value);
    }
}

/// The encoding of `value`.
template <class T>
[[nodiscard]] std::string encode(const T& value) {
    std::string out;
    encode_to(out, value);
    return out;
}

/// Reads `value` from the front of `bytes` and returns how many bytes it took. Throws decode_error; `value` is then
/// something valid, but unspecified. What a class's own functions throw passes through.
template <class T>
std::size_t decode_front(std::string_view bytes, T& value, const decode_limits& limits = {}) {
    if constexpr (detail::contains_object<T>()) {
        codec::input_archive archive(bytes, limits);
        archive(value);
        return archive.consumed();
    } else {
        detail::byte_source source(bytes, limits);
        detail::decode_value(source, value);
        return source.consumed();
    }
}

/// Reads `value` from all of `bytes`; as decode_front otherwise.
template <class T>
void decode_into(std::string_view bytes, T& value, const decode_limits& limits = {}) {
    const std::size_t used = decode_front(bytes, value, limits);
    if (used != bytes.size()) detail::throw_decode_error("bytes follow the end of the value", used);
}

/// The value that all of `bytes` encode; as decode_front otherwise.
template <class T>
[[nodiscard]] T decode(std::string_view bytes, const decode_limits& limits = {}) {
    T value{};
    decode_into(bytes, value, limits);
    return value;
}

}  // namespace sheaf
