// Taking classes apart by their own cereal functions, with archives that are not cereal's: they carry no tables, so that one can be
// made for every record. Not for users.
#pragma once

#include <type_traits>

#include <cereal/cereal.hpp>

namespace sheaf::detail {

template <class Archive, class T>
concept member_serializable =
    requires(Archive& archive, T& value) { cereal::access::member_serialize(archive, value); };
template <class Archive, class T>
concept free_serializable = requires(Archive& archive, T& value) { serialize(archive, value); };
template <class Archive, class T>
concept member_saved = requires(Archive& archive, const T& value) { cereal::access::member_save(archive, value); };
template <class Archive, class T>
concept free_saved = requires(Archive& archive, const T& value) { save(archive, value); };
template <class Archive, class T>
concept member_loaded = requires(Archive& archive, T& value) { cereal::access::member_load(archive, value); };
template <class Archive, class T>
concept free_loaded = requires(Archive& archive, T& value) { load(archive, value); };
template <class T>
concept base_wrapper = requires(const T& value) { *value.base_ptr; };

/// Whether save_parts() and load_parts() can take T apart and put it together: not when its functions take a version, say.
template <class Output, class Input, class T>
concept has_parts =
    base_wrapper<T> || ((member_serializable<Output, T> || free_serializable<Output, T> || member_saved<Output, T> ||
                         free_saved<Output, T>)&&(member_serializable<Input, T> || free_serializable<Input, T> ||
                                                  member_loaded<Input, T> || free_loaded<Input, T>));

/// Passes the parts of `value` to `archive`.
template <class Archive, class T>
[[gnu::always_inline]] inline void save_parts(Archive& archive, const T& value) {
    // serialize() is not const, though it changes nothing when it writes.
    if constexpr (base_wrapper<T>) {
        archive(*value.base_ptr);
    } else if constexpr (member_serializable<Archive, T>) {
        cereal::access::member_serialize(archive, const_cast<T&>(value));
    } else if constexpr (free_serializable<Archive, T>) {
        serialize(archive, const_cast<T&>(value));
    } else if constexpr (member_saved<Archive, T>) {
        cereal::access::member_save(archive, value);
    } else {
        save(archive, value);
    }
}

/// Lets `archive` fill the parts of `value`.
template <class Archive, class T>
[[gnu::always_inline]] inline void load_parts(Archive& archive, T& value) {
    if constexpr (base_wrapper<T>) {
        archive(*value.base_ptr);
    } else if constexpr (member_serializable<Archive, T>) {
        cereal::access::member_serialize(archive, value);
    } else if constexpr (free_serializable<Archive, T>) {
        serialize(archive, value);
    } else if constexpr (member_loaded<Archive, T>) {
        cereal::access::member_load(archive, value);
    } else {
        load(archive, value);
    }
}

}  // namespace sheaf::detail
