// The archives that classes see which have Boost.Serialization's functions. Not for users: see boost.hpp.
//
// Standard types are encoded as everywhere in Sheaf (encode_value.hpp), so their counts are checked before memory is
// taken; Boost's headers for them are not needed, and do no harm. A class is its version, as a count, and what its
// serialize() writes.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/mpl/bool.hpp>
#include <boost/serialization/array_wrapper.hpp>
#include <boost/serialization/collection_size_type.hpp>
#include <boost/serialization/item_version_type.hpp>
#include <boost/serialization/level.hpp>
#include <boost/serialization/library_version_type.hpp>
#include <boost/serialization/nvp.hpp>
#include <boost/serialization/serialization.hpp>
#include <boost/serialization/version.hpp>

#include <sheaf/detail/decode_value.hpp>
#include <sheaf/detail/encode_value.hpp>
#include <sheaf/detail/schema_writer.hpp>

namespace sheaf::detail {

template <class T>
inline constexpr bool is_boost_named = false;
template <class T>
inline constexpr bool is_boost_named<boost::serialization::nvp<T>> = true;

template <class T>
inline constexpr bool is_boost_array = false;
template <class T>
inline constexpr bool is_boost_array<boost::serialization::array_wrapper<T>> = true;

/// The numbers of elements, and of their class's version, that Boost's functions for containers write.
template <class T>
inline constexpr bool is_boost_count = std::same_as<T, boost::serialization::collection_size_type> ||
                                       std::same_as<T, boost::serialization::item_version_type> ||
                                       std::same_as<T, boost::serialization::library_version_type>;

/// Whether objects of class T are preceded by its version; BOOST_CLASS_IMPLEMENTATION chooses.
template <class T>
inline constexpr bool has_boost_version =
    boost::serialization::implementation_level<T>::value >= boost::serialization::object_class_info;

template <class T>
constexpr void refuse_unfit_for_boost() {
    static_assert(boost::serialization::implementation_level<T>::value >= boost::serialization::object_serializable,
                  "sheaf::boost_serialization: this type cannot be encoded. Give it Boost's functions: "
                  "template <class Archive> void serialize(Archive& archive, unsigned version) { archive & field; }");
}

/// Boost's Saving Archive concept, without pointers.
class boost_output_archive {
  public:
    using is_saving = boost::mpl::true_;
    using is_loading = boost::mpl::false_;

    explicit boost_output_archive(std::string& to) : out(to) {}

    template <class T>
    boost_output_archive& operator<<(const T& value) {
        encode_value(*this, value);
        return *this;
    }
    template <class T>
    boost_output_archive& operator&(const T& value) {
        return *this << value;
    }
    void save_binary(const void* data, std::size_t size) {
        if (size != 0) out.append(static_cast<const char*>(data), size);
    }
    template <class T>
    void register_type(const T* /*of*/ = nullptr) {}
    [[nodiscard]] static boost::serialization::library_version_type get_library_version() {
        return boost::serialization::library_version_type(library_version);
    }

    /// What Boost takes apart.
    template <class T>
    void object(const T& value) {
        if constexpr (is_boost_named<T>) {
            encode_value(*this, value.const_value());
        } else if constexpr (is_boost_count<T>) {
            append_count(out, static_cast<std::size_t>(value));
        } else if constexpr (is_boost_array<T>) {
            for (std::size_t i = 0; i < value.count(); ++i) encode_value(*this, value.address()[i]);
        } else {
            fields_of(value);
        }
    }
    template <class T>
    void fields_of(const T& value) {
        refuse_unfit_for_boost<T>();
        constexpr unsigned version = boost::serialization::version<T>::value;
        if constexpr (has_boost_version<T>) append_count(out, version);
        boost::serialization::serialize_adl(*this, const_cast<T&>(value),
                                            version);  // NOLINT: Boost's functions do both
    }

    /// That of Boost 1.81: what its functions for containers go by.
    static constexpr unsigned library_version = 19;

    std::string& out;
};

/// Boost's Loading Archive concept, without pointers.
class boost_input_archive : public byte_source {
  public:
    using is_saving = boost::mpl::false_;
    using is_loading = boost::mpl::true_;

    explicit boost_input_archive(std::string_view bytes, const decode_limits& limits = {})
        : byte_source(bytes, limits) {}

    template <class T>
    boost_input_archive& operator>>(T&& value) {
        if constexpr (is_boost_named<std::remove_cvref_t<T>>) {
            decode_value(*this, value.value());
        } else if constexpr (is_boost_array<std::remove_cvref_t<T>>) {
            for (std::size_t i = 0; i < value.count(); ++i) decode_value(*this, value.address()[i]);
        } else {
            decode_value(*this, const_cast<std::remove_cvref_t<T>&>(value));  // NOLINT: wrappers come as temporaries
        }
        return *this;
    }
    template <class T>
    boost_input_archive& operator&(T&& value) {
        return *this >> std::forward<T>(value);
    }
    void load_binary(void* data, std::size_t size) {
        if (size != 0) std::memcpy(data, take(size), size);
    }
    template <class T>
    void register_type(const T* /*of*/ = nullptr) {}
    template <class T>
    void reset_object_address(const T* /*now*/, const T* /*before*/) {}
    void delete_created_pointers() {}
    [[nodiscard]] static boost::serialization::library_version_type get_library_version() {
        return boost_output_archive::get_library_version();
    }

    /// What Boost puts together.
    template <class T>
    void object(T& value) {
        if constexpr (std::same_as<T, boost::serialization::collection_size_type>) {
            // Boost's containers take memory for as many at once: each element is a byte at least.
            value = T(count(1, 0));
        } else if constexpr (is_boost_count<T>) {
            const std::uint64_t version = varint();
            if (version > std::numeric_limits<std::uint16_t>::max()) fail("a version is out of range");
            value = T(static_cast<std::uint16_t>(version));
        } else {
            fields_of(value);
        }
    }
    template <class T>
    void fields_of(T& value) {
        refuse_unfit_for_boost<T>();
        constexpr unsigned known = boost::serialization::version<T>::value;
        unsigned version = known;
        if constexpr (has_boost_version<T>) {
            const std::uint64_t written = varint();
            if (written > known) fail("a class is of a later version than this program knows");
            version = static_cast<unsigned>(written);
        }
        boost::serialization::serialize_adl(*this, value, version);
    }
};

/// The archive to which Boost's functions describe a class, by saving a default-constructed object.
class boost_describing_archive : public type_describer<boost_describing_archive> {
  public:
    using is_saving = boost::mpl::true_;
    using is_loading = boost::mpl::false_;

    template <class T>
    boost_describing_archive& operator<<(const T& value) {
        if constexpr (is_boost_named<T>) {
            begin_field(value.name());
            field(value.const_value());
        } else {
            begin_field("");
            field(value);
        }
        return *this;
    }
    template <class T>
    boost_describing_archive& operator&(const T& value) {
        return *this << value;
    }
    void save_binary(const void* /*data*/, std::size_t size) {
        begin_field("");
        put("#");
        put_number(size);
    }
    template <class T>
    void register_type(const T* /*of*/ = nullptr) {}
    [[nodiscard]] static boost::serialization::library_version_type get_library_version() {
        return boost_output_archive::get_library_version();
    }

    template <class T>
    void fields_of(const T& value) {
        refuse_unfit_for_boost<T>();
        boost::serialization::serialize_adl(*this, const_cast<T&>(value),  // NOLINT: as above
                                            boost::serialization::version<T>::value);
    }

  private:
    template <class T>
    void field(const T& /*value*/) {
        if constexpr (is_boost_count<T>) {
            put("#");
        } else if constexpr (is_boost_array<T>) {
            put("[");
            describe<std::remove_cvref_t<decltype(*std::declval<T&>().address())>>();
            put("]");
        } else {
            describe<T>();
        }
    }
};

}  // namespace sheaf::detail
