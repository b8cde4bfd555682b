// How a task's values travel unless one of its options says otherwise: as codec.hpp has it. Not for users.
//
// A codec is a task option with the members below. Sheaf's others are raw (task.hpp), json (json.hpp) and
// boost_serialization (boost.hpp); each is an empty class, so that a task names it and nothing else is needed.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include <sheaf/codec.hpp>
#include <sheaf/detail/schema_writer.hpp>
#include <sheaf/detail/wire_form.hpp>

namespace sheaf::detail {

template <class T>
concept has_cereal_functions = cereal::traits::is_output_serializable<T, codec::output_archive>::value &&
                               cereal::traits::is_input_serializable<T, codec::input_archive>::value;

struct binary_codec {
    /// What surrounds the values.
    static constexpr wire_form form = wire_form::enveloped;
    /// Describes types for the schema.
    using describer = describing_archive;
    /// Whether the names of fields are part of the encoding.
    static constexpr bool names_count = false;
    /// Whether chunks of a stream can travel.
    static constexpr bool has_streams = true;

    /// Whether a class can be taken apart. Standard types always can.
    template <class T>
    static constexpr bool can_encode = has_cereal_functions<T>;
    /// Stops the compiler with a sentence at a T, class or not, that this codec cannot take though others can.
    template <class T>
    static constexpr void check_value() {}
    /// As check_value(), of an error in throws<...>.
    template <class E>
    static constexpr void check_error() {}

    /// Arguments are a std::tuple. What cannot be read throws.
    template <class Arguments>
    static void write_arguments(std::string& out, const Arguments& arguments) {
        encode_to(out, arguments);
    }
    template <class Arguments>
    static void read_arguments(std::string_view bytes, Arguments& arguments) {
        decode_into(bytes, arguments);
    }
    template <class R>
    static std::string write_result(const R& value) {
        return encode(value);
    }
    template <class R>
    static R read_result(std::string_view bytes) {
        return decode<R>(bytes);
    }
    /// Of tasks that return void.
    static std::string write_no_result() { return {}; }
    static void read_no_result(std::string_view bytes) {
        if (!bytes.empty()) throw decode_error("bytes came back for a task without a result");
    }

    /// What failure::typed_name is for an E; codecs that know errors by their place in throws<...> have none.
    template <class E>
    static constexpr std::string_view error_name{};
    /// Whether an E has fields besides what().
    template <class E>
    static constexpr bool has_fields = has_cereal_functions<E>;
    template <class E>
    static std::string write_error(const E& error) {
        std::string fields;
        codec::output_archive archive(fields);
        archive.object(error);
        return fields;
    }
    template <class E>
    static void read_error(std::string_view fields, E& error) {
        codec::input_archive archive(fields);
        archive.object(error);
        archive.expect_end();
    }
};

/// Task options that are codecs.
template <class Option>
concept codec_option = requires {
    { Option::form } -> std::convertible_to<wire_form>;
};

template <class... Options>
struct codec_of {
    using type = binary_codec;
};
template <codec_option Codec, class... Others>
struct codec_of<Codec, Others...> {
    using type = Codec;
};
template <class First, class... Others>
    requires(!codec_option<First>)
struct codec_of<First, Others...> : codec_of<Others...> {};

}  // namespace sheaf::detail
