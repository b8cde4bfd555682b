// How keys become bytes, so that comparing the bytes orders the keys. Not for users.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <sheaf/detail/ordered_key.hpp>
#include <sheaf/detail/short_key.hpp>

namespace sheaf::detail {

/// A key that is bytes already.
class text_key {
  public:
    explicit text_key(std::string_view bytes) noexcept : bytes_(bytes) {}

    [[nodiscard]] bool is_short() const noexcept { return bytes_.size() <= short_key::bytes_max; }
    /// The key, when it is short.
    [[nodiscard]] short_key packed() const noexcept { return short_key::of(bytes_.data(), bytes_.size()); }
    /// The key, whatever it is. A short one may be in `room`.
    [[nodiscard]] std::string_view bytes(char (&)[16]) const noexcept { return bytes_; }

  private:
    std::string_view bytes_;
};

/// `argument` is how mappers pass a key, `view` what reducers are given.
template <class K>
struct key_codec {
    using argument = std::conditional_t<std::is_trivially_copyable_v<K> && sizeof(K) <= 16, K, const K&>;
    using view = K;

    /// A written key, with the members that text_key has. Long ones are in `scratch`.
    [[gnu::always_inline]] static ordered_output write(const K& key, std::string& scratch) {
        ordered_output out(scratch);
        write_ordered(out, key);
        return out;
    }
    /// Throws malformed_record.
    [[nodiscard]] static K read(std::string_view bytes) {
        K key{};
        if (read_front(bytes, key) != bytes.size()) throw malformed_record("a key has the wrong size");
        return key;
    }

    /// Appends `key`, which is bytes already, to `to`, so that its end can be found when something follows.
    static void append_delimited(std::string& to, std::string_view key) { to += key; }
    /// The size of the delimited key at the front of `bytes`. Throws malformed_record.
    [[nodiscard]] static std::size_t delimited_size(std::string_view bytes) {
        K key{};
        return read_front(bytes, key);
    }
    /// What read() takes of a delimited key.
    [[nodiscard]] static std::string_view undelimited(std::string_view key, std::string&) noexcept { return key; }

  private:
    static std::size_t read_front(std::string_view bytes, K& key) {
        ordered_input in(bytes);
        read_ordered(in, key);
        return bytes.size() - in.left().size();
    }
};

/// Text is its own bytes, as long as nothing follows it.
template <>
struct key_codec<std::string> {
    using argument = std::string_view;
    using view = std::string_view;

    static text_key write(std::string_view key, std::string&) noexcept { return text_key(key); }
    static std::string_view read(std::string_view bytes) noexcept { return bytes; }

    static void append_delimited(std::string& to, std::string_view key) { append_ordered_text(to, key); }
    [[nodiscard]] static std::size_t delimited_size(std::string_view bytes) {
        std::string scratch;
        std::string_view text;
        return read_ordered_text(bytes, scratch, text);
    }
    [[nodiscard]] static std::string_view undelimited(std::string_view key, std::string& scratch) {
        std::string_view text;
        (void)read_ordered_text(key, scratch, text);
        return text;
    }
};

/// The bytes of `key`, for whoever keeps them.
template <class K>
[[nodiscard]] std::string key_bytes(const typename key_codec<K>::argument& key) {
    std::string scratch;
    char room[16];
    return std::string(key_codec<K>::write(key, scratch).bytes(room));
}

}  // namespace sheaf::detail
