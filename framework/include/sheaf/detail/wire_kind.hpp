// Which types can be sent, and how each is taken apart. Not for users.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <cereal/details/helpers.hpp>

namespace sheaf::detail {

/// How a type is encoded.
enum class wire_kind {
    boolean,
    number,       ///< integers and floating point: little-endian, as wide as they are
    enumeration,  ///< as its underlying number
    text,         ///< std::string
    sequence,     ///< any number of elements, in order
    array,        ///< a fixed number of elements
    set,
    map,
    optional,  ///< std::optional and std::unique_ptr: present or not
    variant,
    tuple,  ///< std::tuple and std::pair
    duration,
    time_point,
    nothing,      ///< std::monostate
    named,        ///< cereal's name-value pair
    cereal_part,  ///< a wrapper with which cereal code speaks to archives
    object,       ///< anything else: taken apart by its own serialize() or save() and load()
};

template <class T>
constexpr wire_kind scalar_kind() {
    if constexpr (std::is_same_v<T, bool>) {
        return wire_kind::boolean;
    } else if constexpr (std::is_arithmetic_v<T>) {
        return wire_kind::number;
    } else if constexpr (std::is_enum_v<T>) {
        return wire_kind::enumeration;
    } else if constexpr (std::is_array_v<T>) {
        return wire_kind::array;
    } else {
        return wire_kind::object;
    }
}

template <class T>
inline constexpr wire_kind kind_of = scalar_kind<T>();
template <class T>
inline constexpr wire_kind kind_of<const T> = kind_of<T>;
template <class R, class A>
inline constexpr wire_kind kind_of<std::basic_string<char, R, A>> = wire_kind::text;
template <class T, class A>
inline constexpr wire_kind kind_of<std::vector<T, A>> = wire_kind::sequence;
template <class T, class A>
inline constexpr wire_kind kind_of<std::deque<T, A>> = wire_kind::sequence;
template <class T, class A>
inline constexpr wire_kind kind_of<std::list<T, A>> = wire_kind::sequence;
template <class T, std::size_t N>
inline constexpr wire_kind kind_of<std::array<T, N>> = wire_kind::array;
template <class K, class C, class A>
inline constexpr wire_kind kind_of<std::set<K, C, A>> = wire_kind::set;
template <class K, class C, class A>
inline constexpr wire_kind kind_of<std::multiset<K, C, A>> = wire_kind::set;
template <class K, class H, class E, class A>
inline constexpr wire_kind kind_of<std::unordered_set<K, H, E, A>> = wire_kind::set;
template <class K, class V, class C, class A>
inline constexpr wire_kind kind_of<std::map<K, V, C, A>> = wire_kind::map;
template <class K, class V, class C, class A>
inline constexpr wire_kind kind_of<std::multimap<K, V, C, A>> = wire_kind::map;
template <class K, class V, class H, class E, class A>
inline constexpr wire_kind kind_of<std::unordered_map<K, V, H, E, A>> = wire_kind::map;
template <class T>
inline constexpr wire_kind kind_of<std::optional<T>> = wire_kind::optional;
template <class T>
inline constexpr wire_kind kind_of<std::unique_ptr<T>> = wire_kind::optional;
template <class... T>
inline constexpr wire_kind kind_of<std::variant<T...>> = wire_kind::variant;
template <class... T>
inline constexpr wire_kind kind_of<std::tuple<T...>> = wire_kind::tuple;
template <class A, class B>
inline constexpr wire_kind kind_of<std::pair<A, B>> = wire_kind::tuple;
template <class R, class P>
inline constexpr wire_kind kind_of<std::chrono::duration<R, P>> = wire_kind::duration;
template <class D>
inline constexpr wire_kind kind_of<std::chrono::time_point<std::chrono::system_clock, D>> = wire_kind::time_point;
template <>
inline constexpr wire_kind kind_of<std::monostate> = wire_kind::nothing;
template <class T>
inline constexpr wire_kind kind_of<cereal::NameValuePair<T>> = wire_kind::named;
template <class T>
inline constexpr wire_kind kind_of<cereal::SizeTag<T>> = wire_kind::cereal_part;
template <class T>
inline constexpr wire_kind kind_of<cereal::BinaryData<T>> = wire_kind::cereal_part;

/// Whether a set or map may hold a key twice.
template <class T>
inline constexpr bool allows_equal_keys = false;
template <class K, class C, class A>
inline constexpr bool allows_equal_keys<std::multiset<K, C, A>> = true;
template <class K, class V, class C, class A>
inline constexpr bool allows_equal_keys<std::multimap<K, V, C, A>> = true;

/// Types that are refused, each with a sentence that says what to do instead.
template <class T>
inline constexpr bool is_shared_pointer = false;
template <class T>
inline constexpr bool is_shared_pointer<std::shared_ptr<T>> = true;
template <class T>
inline constexpr bool is_shared_pointer<std::weak_ptr<T>> = true;
template <class T>
inline constexpr bool is_other_time_point = false;
template <class C, class D>
inline constexpr bool is_other_time_point<std::chrono::time_point<C, D>> =
    kind_of<std::chrono::time_point<C, D>> == wire_kind::object;
template <class T>
inline constexpr bool is_view = false;
template <class C, class R>
inline constexpr bool is_view<std::basic_string_view<C, R>> = true;
template <template <class, std::size_t> class Span, class T, std::size_t N>
    requires(!std::is_same_v<Span<T, N>, std::array<T, N>>) && std::is_pointer_v<typename Span<T, N>::pointer> &&
                std::is_trivially_copyable_v<Span<T, N>>
inline constexpr bool is_view<Span<T, N>> = true;
template <class T>
inline constexpr bool is_owning_pointer = false;
template <class T, class D>
inline constexpr bool is_owning_pointer<std::unique_ptr<T, D>> = true;

/// Only enums with a fixed underlying type may hold any number without undefined behaviour; only those take {0}.
template <class T>
concept enum_of_fixed_width = std::is_enum_v<T> && requires { T{0}; };

/// Stops the compiler, with a sentence, at types that must not be sent. Every value that is encoded or decoded comes by.
template <class T>
constexpr void refuse_unsendable() {
    static_assert(!std::is_pointer_v<T> && !std::is_member_pointer_v<T> && !std::is_null_pointer_v<T>,
                  "sheaf: a pointer means nothing in another process. Send the value itself, or a std::optional<T> or "
                  "std::unique_ptr<T> when it may be missing.");
    static_assert(!is_shared_pointer<T>,
                  "sheaf: shared ownership does not cross processes. Send the value itself, or a std::unique_ptr<T>.");
    static_assert(!is_view<T>,
                  "sheaf: a view does not own what it shows. Use std::string instead of std::string_view, and "
                  "std::vector<T> instead of std::span<T>.");
    static_assert(!std::is_same_v<T, long double>,
                  "sheaf: long double differs between machines and carries padding. Use double.");
    static_assert(!std::is_same_v<T, wchar_t>,
                  "sheaf: wchar_t differs between machines. Use char, char16_t or char32_t.");
    static_assert(
        !std::is_polymorphic_v<T>,
        "sheaf: a type with virtual functions cannot be sent: the receiver would have to trust the sender about "
        "what it is. Use std::variant of the possible types.");
    static_assert(!is_other_time_point<T>,
                  "sheaf: only time points of std::chrono::system_clock mean the same in another process.");
    static_assert(!std::is_enum_v<T> || enum_of_fixed_width<T>,
                  "sheaf: give the enum a fixed underlying type (enum class, or enum name : std::uint8_t).");
    static_assert(!std::is_union_v<T>, "sheaf: which member of a union is alive is not known. Use std::variant.");
    static_assert(
        !is_owning_pointer<T> || kind_of<T> == wire_kind::optional,
        "sheaf: a std::unique_ptr with a deleter of its own, or to an array, cannot be sent. Use std::vector.");
}

/// The element a container yields, as it is stored in it.
template <class Container>
struct element_of {
    using type = typename Container::value_type;
};
template <class T, std::size_t N>
struct element_of<T[N]> {
    using type = T;
};

template <class T>
using element_t = typename element_of<T>::type;

template <class T>
inline constexpr std::size_t array_length = 0;
template <class T, std::size_t N>
inline constexpr std::size_t array_length<std::array<T, N>> = N;
template <class T, std::size_t N>
inline constexpr std::size_t array_length<T[N]> = N;

/// The fewest bytes that any value of T is encoded in: what bounds how many of them can be in a message.
template <class T>
constexpr std::size_t min_encoded_size();

template <class Tuple>
struct tuple_min_size;
template <template <class...> class Tuple, class... T>
struct tuple_min_size<Tuple<T...>> {
    static constexpr std::size_t value = (std::size_t{0} + ... + min_encoded_size<T>());
};

template <class T>
constexpr std::size_t min_encoded_size() {
    constexpr wire_kind kind = kind_of<T>;
    if constexpr (kind == wire_kind::boolean || kind == wire_kind::number || kind == wire_kind::enumeration) {
        static_assert(sizeof(bool) == 1);
        return sizeof(T);
    } else if constexpr (kind == wire_kind::array) {
        return array_length<T> * min_encoded_size<element_t<T>>();
    } else if constexpr (kind == wire_kind::tuple) {
        return tuple_min_size<T>::value;
    } else if constexpr (kind == wire_kind::duration || kind == wire_kind::time_point) {
        return sizeof(typename T::rep);
    } else if constexpr (kind == wire_kind::nothing || kind == wire_kind::object) {
        return 0;  // of an object nobody knows but its own serialize(): the budget bounds those
    } else {
        return 1;  // the others begin with a count or a mark
    }
}

template <class T>
constexpr bool contains_object();

template <class Tuple>
struct any_contains_object;
template <template <class...> class Tuple, class... T>
struct any_contains_object<Tuple<T...>> {
    static constexpr bool value = (false || ... || contains_object<T>());
};

/// Whether encoding a T may have to ask a class's own serialize(), which takes a cereal archive.
template <class T>
constexpr bool contains_object() {
    constexpr wire_kind kind = kind_of<T>;
    if constexpr (kind == wire_kind::object || kind == wire_kind::named || kind == wire_kind::cereal_part) {
        return true;
    } else if constexpr (kind == wire_kind::map) {
        return contains_object<typename T::key_type>() || contains_object<typename T::mapped_type>();
    } else if constexpr (kind == wire_kind::sequence || kind == wire_kind::array || kind == wire_kind::set) {
        return contains_object<element_t<T>>();
    } else if constexpr (kind == wire_kind::optional) {
        return contains_object<std::remove_cvref_t<decltype(*std::declval<T&>())>>();
    } else if constexpr (kind == wire_kind::variant || kind == wire_kind::tuple) {
        return any_contains_object<T>::value;
    } else {
        return false;
    }
}

}  // namespace sheaf::detail
