// How values travel between the steps of a plan: as codec.hpp has them and, with collected failures in them, framed.
// Not for users.
//
//   result<T>                   1 and the value, or 0 and a failure report
//   with a result somewhere in  each part as its size and its bytes; of a vector, their count comes first
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/codec.hpp>
#include <sheaf/detail/plan_graph.hpp>
#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// T holds a result<...>, which codecs do not know.
template <class T>
inline constexpr bool holds_result = false;
template <class T>
inline constexpr bool holds_result<result<T>> = true;
template <class T>
inline constexpr bool holds_result<std::vector<T>> = holds_result<T>;
template <class... T>
inline constexpr bool holds_result<std::tuple<T...>> = (holds_result<T> || ...);

/// What stands for void on an edge.
template <class T>
using edge_type = std::conditional_t<std::is_void_v<T>, std::tuple<>, T>;

[[nodiscard]] shared_bytes collected_value(std::string_view encoded);
[[nodiscard]] shared_bytes collected_failure(const failure& why);
/// The value's bytes within `bytes`, or the failure. Throws decode_error.
[[nodiscard]] result<std::string_view> read_collected(std::string_view bytes);

/// The parts one after the other.
[[nodiscard]] shared_bytes concatenated(const std::vector<shared_bytes>& parts);
/// How many there are, and then the parts one after the other.
[[nodiscard]] shared_bytes counted(const std::vector<shared_bytes>& parts);
/// The parts with their sizes.
[[nodiscard]] shared_bytes framed(const std::vector<shared_bytes>& parts);
/// How many there are, and then the parts with their sizes.
[[nodiscard]] shared_bytes counted_and_framed(const std::vector<shared_bytes>& parts);
/// Takes the count of a container, or a size, off the front of `bytes`. Throws decode_error.
[[nodiscard]] std::size_t take_count(std::string_view& bytes);
/// Takes the index of a variant's alternative off the front of `bytes`. Throws decode_error.
[[nodiscard]] std::size_t take_alternative(std::string_view& bytes);
/// Takes the next part off the front of framed `bytes`. Throws decode_error.
[[nodiscard]] std::string_view take_framed(std::string_view& bytes);
void expect_no_more(std::string_view bytes);

template <class T>
shared_bytes encode_edge(const T& value);
template <class T>
T decode_edge(std::string_view bytes);

template <class T>
struct framed_edge;
template <class T>
struct framed_edge<result<T>> {
    static shared_bytes encode(const result<T>& value) {
        if (!value) return collected_failure(value.error());
        if constexpr (std::is_void_v<T>) {
            return collected_value({});
        } else {
            return collected_value(encode_edge(*value).view());
        }
    }
    static result<T> decode(std::string_view bytes) {
        auto held = read_collected(bytes);
        if (!held) return std::move(held).error();
        if constexpr (std::is_void_v<T>) {
            expect_no_more(*held);
            return {};
        } else {
            return decode_edge<T>(*held);
        }
    }
};
template <class T>
struct framed_edge<std::vector<T>> {
    static shared_bytes encode(const std::vector<T>& values) {
        std::vector<shared_bytes> parts;
        for (const T& one : values) parts.push_back(encode_edge(one));
        return counted_and_framed(parts);
    }
    static std::vector<T> decode(std::string_view bytes) {
        std::vector<T> values;
        for (std::size_t left = take_count(bytes); left != 0; --left) {
            values.push_back(decode_edge<T>(take_framed(bytes)));
        }
        expect_no_more(bytes);
        return values;
    }
};
template <class... T>
struct framed_edge<std::tuple<T...>> {
    static shared_bytes encode(const std::tuple<T...>& values) {
        return std::apply([](const T&... parts) { return framed({encode_edge(parts)...}); }, values);
    }
    static std::tuple<T...> decode(std::string_view bytes) {
        std::tuple<T...> values{decode_edge<T>(take_framed(bytes))...};
        expect_no_more(bytes);
        return values;
    }
};

template <class T>
shared_bytes encode_edge(const T& value) {
    if constexpr (holds_result<T>) {
        return framed_edge<T>::encode(value);
    } else {
        return shared_bytes(encode(value));
    }
}

template <class T>
T decode_edge(std::string_view bytes) {
    if constexpr (holds_result<T>) {
        return framed_edge<T>::decode(bytes);
    } else {
        return decode<T>(bytes);
    }
}

/// Encodings of T may be put side by side to make one of several. Not so of classes: cereal writes the version of a class
/// once for all objects in an archive.
template <class T>
inline constexpr bool is_composable = !contains_object<T>();

/// The encoding of a vector<T> from those of its elements.
template <class T>
shared_bytes assemble_vector(const std::vector<shared_bytes>& parts) {
    if constexpr (holds_result<T>) {
        return counted_and_framed(parts);
    } else if constexpr (is_composable<T>) {
        return counted(parts);
    } else {
        std::vector<T> values;
        values.reserve(parts.size());
        for (const shared_bytes& one : parts) values.push_back(decode<T>(one.view()));
        return shared_bytes(encode(values));
    }
}

/// The encoding of a tuple<T...> from those of its parts.
template <class... T>
shared_bytes assemble_tuple(const std::vector<shared_bytes>& parts) {
    if constexpr ((holds_result<T> || ...)) {
        return framed(parts);
    } else if constexpr ((is_composable<T> && ...)) {
        return concatenated(parts);
    } else {
        auto part = parts.begin();
        return shared_bytes(encode(std::tuple<T...>{decode<T>((part++)->view())...}));
    }
}

/// The elements of a vector<T>, encoded when they are wanted.
template <class T>
class vector_elements final : public element_source {
  public:
    explicit vector_elements(const shared_bytes& encoded) : values_(decode_edge<std::vector<T>>(encoded.view())) {}

    bool next(shared_bytes& element) override {
        if (at_ == values_.size()) return false;
        const T& one = values_[at_++];
        element = encode_edge(one);
        return true;
    }

  private:
    std::vector<T> values_;
    std::size_t at_ = 0;
};

template <class T>
std::unique_ptr<element_source> open_vector(const shared_bytes& encoded) {
    return std::make_unique<vector_elements<T>>(encoded);
}

}  // namespace sheaf::detail
