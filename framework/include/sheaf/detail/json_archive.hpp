// The cereal archives that classes' functions see when they are written to and read from JSON. Not for users: see json.hpp.
#pragma once

#include <type_traits>
#include <utility>

#include <cereal/cereal.hpp>

#include <sheaf/detail/json_decode.hpp>
#include <sheaf/detail/json_encode.hpp>

namespace sheaf::detail {

/// A base class: its fields stand among those of the class.
template <class T>
inline constexpr bool is_base_class_part = std::is_base_of_v<cereal::traits::detail::BaseCastBase, T>;

/// Classes of which one number or text stands for the whole.
template <class T, class Archive>
inline constexpr bool is_minimal = cereal::traits::has_member_save_minimal<T, Archive>::value ||
                                   cereal::traits::has_non_member_save_minimal<T, Archive>::value;

template <class T, class Archive>
inline constexpr bool is_versioned = cereal::traits::has_member_versioned_serialize<T, Archive>::value ||
                                     cereal::traits::has_non_member_versioned_serialize<T, Archive>::value;
template <class T, class Archive>
inline constexpr bool is_saved_with_version =
    is_versioned<T, Archive> || cereal::traits::has_member_versioned_save<T, Archive>::value ||
    cereal::traits::has_non_member_versioned_save<T, Archive>::value;
template <class T, class Archive>
inline constexpr bool is_loaded_with_version =
    is_versioned<T, Archive> || cereal::traits::has_member_versioned_load<T, Archive>::value ||
    cereal::traits::has_non_member_versioned_load<T, Archive>::value;

class json_output_archive : public cereal::OutputArchive<json_output_archive, cereal::AllowEmptyClassElision>,
                            public cereal::traits::TextArchive {
    using base = cereal::OutputArchive<json_output_archive, cereal::AllowEmptyClassElision>;

  public:
    explicit json_output_archive(json_writer& to);
    ~json_output_archive() override;
    json_output_archive(const json_output_archive&) = delete;
    json_output_archive& operator=(const json_output_archive&) = delete;

    template <class... T>
    json_output_archive& operator()(T&&... fields) {
        (field(std::as_const(fields)), ...);
        return *this;
    }
    template <class T>
    json_output_archive& operator&(T&& value) {
        return (*this)(value);
    }
    template <class T>
    json_output_archive& operator<<(T&& value) {
        return (*this)(value);
    }

    /// What cereal takes apart.
    template <class T>
    void object(const T& value) {
        if constexpr (is_minimal<T, json_output_archive>) {
            base::operator()(value);
        } else {
            json.open_class();
            fields_of(value);
            json.close();
        }
    }

    json_writer& json;

  private:
    template <class T>
    void field(const T& value) {
        refuse_unfit_for_json<T>();
        if constexpr (kind_of<T> == wire_kind::named) {
            json.field(value.name);
            encode_json(*this, value.value);
        } else if constexpr (is_base_class_part<T>) {
            fields_of(value);
        } else if constexpr (kind_of<T> == wire_kind::cereal_part) {
            json.elements();  // the length is that of the array
        } else {
            json.unnamed_field();
            encode_json(*this, value);
        }
    }
    template <class T>
    void fields_of(const T& value) {
        if constexpr (is_saved_with_version<T, json_output_archive>) {
            // Cereal writes a class's version once per archive: one of its own makes each object complete.
            json_output_archive fresh(json);
            static_cast<base&>(fresh)(value);
        } else {
            base::operator()(value);
        }
    }
};

class json_input_archive : public cereal::InputArchive<json_input_archive, cereal::AllowEmptyClassElision>,
                           public cereal::traits::TextArchive {
    using base = cereal::InputArchive<json_input_archive, cereal::AllowEmptyClassElision>;

  public:
    explicit json_input_archive(json_reader& from);
    ~json_input_archive() override;
    json_input_archive(const json_input_archive&) = delete;
    json_input_archive& operator=(const json_input_archive&) = delete;

    template <class... T>
    json_input_archive& operator()(T&&... fields) {
        (field(fields), ...);
        return *this;
    }
    template <class T>
    json_input_archive& operator&(T&& value) {
        return (*this)(value);
    }
    template <class T>
    json_input_archive& operator>>(T&& value) {
        return (*this)(value);
    }

    /// What cereal puts together.
    template <class T>
    void object(T& value) {
        if constexpr (is_minimal<T, json_output_archive>) {
            base::operator()(value);
        } else {
            const json_reader::scope inside(json);
            json.enter_class();
            fields_of(value);
            json.finish();
        }
    }

    json_reader& json;

  private:
    template <class T>
    void field(T& value) {
        refuse_unfit_for_json<T>();
        if constexpr (kind_of<T> == wire_kind::named) {
            json.field(value.name);
            decode_json(*this, value.value);
        } else if constexpr (is_base_class_part<T>) {
            fields_of(value);
        } else if constexpr (kind_of<T> == wire_kind::cereal_part) {
            value.size = static_cast<std::remove_cvref_t<decltype(value.size)>>(json.elements());
        } else {
            json.unnamed_field();
            decode_json(*this, value);
        }
    }
    template <class T>
    void fields_of(T& value) {
        if constexpr (is_loaded_with_version<T, json_input_archive>) {
            json_input_archive fresh(json);
            static_cast<base&>(fresh)(value);
        } else {
            base::operator()(value);
        }
    }
};

// How cereal's own code, for class versions and minimal classes, reaches values: those are no fields.
template <class T>
    requires std::is_arithmetic_v<T>
void save(json_output_archive& archive, const T& value) {
    encode_json(archive, value);
}
template <class T>
    requires std::is_arithmetic_v<T>
void load(json_input_archive& archive, T& value) {
    decode_json(archive, value);
}
inline void save(json_output_archive& archive, const std::string& value) { encode_json(archive, value); }
inline void load(json_input_archive& archive, std::string& value) { decode_json(archive, value); }
template <class T>
void save(json_output_archive& archive, const cereal::NameValuePair<T>& named) {
    archive(named);
}
template <class T>
void load(json_input_archive& archive, cereal::NameValuePair<T>& named) {
    archive(named);
}
template <class T>
void save(json_output_archive& archive, const cereal::SizeTag<T>& tag) {
    archive(tag);
}
template <class T>
void load(json_input_archive& archive, cereal::SizeTag<T>& tag) {
    archive(tag);
}

}  // namespace sheaf::detail

// Cereal looks for the one when it meets load_minimal() with the other.
CEREAL_SETUP_ARCHIVE_TRAITS(sheaf::detail::json_input_archive, sheaf::detail::json_output_archive)
