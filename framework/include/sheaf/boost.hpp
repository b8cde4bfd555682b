// Tasks whose classes have the functions of Boost.Serialization. Include it where such a task is declared.
//
//     inline constexpr sheaf::task<"geo.route", route(place, place), sheaf::boost_serialization> find_route{};
//
// A class has `template <class Archive> void serialize(Archive& archive, unsigned version)`, or save() and load() with
// BOOST_SERIALIZATION_SPLIT_MEMBER, as a member or not, private if boost::serialization::access is a friend; fields with
// BOOST_SERIALIZATION_NVP or without; base classes by base_object; BOOST_CLASS_VERSION is heeded: a newer program reads
// what an older one has written. Standard containers need no header of Boost's. Types of other libraries need theirs, such
// as <boost/serialization/optional.hpp>. The headers alone do: the library libboost_serialization is not called.
//
// The archive is ours, not one of Boost's: the bytes are not those of boost::archive::binary_oarchive, and every count is
// checked against the bytes that are left before memory is taken, as codec.hpp says, whoever's container it is.
//
// Not to be had: pointers other than std::unique_ptr, shared_ptr and weak_ptr of either library, and types with virtual
// functions stop the compiler, as with any task. The fingerprint comes from what serialize() writes of a default object:
// where that is less than of others (a boost::optional that is empty, say), it tells fewer types apart.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include <sheaf/detail/binary_codec.hpp>
#include <sheaf/detail/boost_archive.hpp>

namespace sheaf {

/// Task option: classes are taken apart by the functions that they have for Boost.Serialization.
struct boost_serialization {
    static constexpr detail::wire_form form = detail::wire_form::enveloped;
    using describer = detail::boost_describing_archive;
    static constexpr bool names_count = false;
    static constexpr bool has_streams = false;

    /// Any class: only a call shows what is missing, and the compiler then says which function.
    template <class T>
    static constexpr bool can_encode = std::is_class_v<T>;
    template <class T>
    static constexpr void check_value() {}
    template <class E>
    static constexpr void check_error() {}

    template <class Arguments>
    static void write_arguments(std::string& out, const Arguments& arguments) {
        detail::boost_output_archive archive(out);
        archive << arguments;
    }
    template <class Arguments>
    static void read_arguments(std::string_view bytes, Arguments& arguments) {
        detail::boost_input_archive archive(bytes);
        archive >> arguments;
        archive.expect_end();
    }
    template <class R>
    static std::string write_result(const R& value) {
        std::string out;
        detail::boost_output_archive archive(out);
        archive << value;
        return out;
    }
    template <class R>
    static R read_result(std::string_view bytes) {
        R value{};
        detail::boost_input_archive archive(bytes);
        archive >> value;
        archive.expect_end();
        return value;
    }
    static std::string write_no_result() { return {}; }
    static void read_no_result(std::string_view bytes) { detail::binary_codec::read_no_result(bytes); }

    template <class E>
    static constexpr std::string_view error_name{};
    /// An error that is as large as its base has none.
    template <class E>
    static constexpr bool has_fields = sizeof(E) != sizeof(std::runtime_error);
    template <class E>
    static std::string write_error(const E& error) {
        std::string fields;
        detail::boost_output_archive(fields).fields_of(error);
        return fields;
    }
    template <class E>
    static void read_error(std::string_view fields, E& error) {
        detail::boost_input_archive archive(fields);
        archive.fields_of(error);
        archive.expect_end();
    }
};

}  // namespace sheaf
