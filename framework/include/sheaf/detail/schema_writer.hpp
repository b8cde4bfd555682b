// Writes the description of a type, from what cereal's functions show of it. Not for users: see schema.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <cereal/cereal.hpp>

#include <sheaf/detail/wire_kind.hpp>

namespace sheaf::detail {

/// Identifies a type within one process.
template <class T>
inline constexpr char type_tag = 0;

/// Two texts in step: `text` is for people, with the names of fields; `shape` is what decides whether bytes fit.
class schema_writer {
  public:
    std::string text;
    std::string shape;
    bool names_count = false;  ///< the encoding has the names of fields in it, so they are part of the shape

    void put(std::string_view what) {
        text += what;
        shape += what;
    }
    void put_number(std::size_t value);
    /// `kind` and the width in bytes: "u8".
    void put_scalar(char kind, std::size_t width);
    /// " @ numerator/denominator", of a second.
    void put_unit(std::string_view prefix, std::intmax_t numerator, std::intmax_t denominator);
    /// Separates a field from the one before it, and names it if `name` is not empty.
    void begin_field(std::string_view name);
    /// Opens a class. False when it is being described already, further out: then a reference to it has been written.
    bool begin_object(const void* tag);
    void end_object();

  private:
    struct open_object {
        const void* tag;
        bool has_fields = false;
    };
    std::vector<open_object> open_;
};

/// Describes types. `Archive`, which derives from it, has fields_of(value), which calls a class's own functions.
template <class Archive>
class type_describer : public schema_writer {
  public:
    /// Describes any T.
    template <class T>
    void describe() {
        refuse_unsendable<T>();
        constexpr wire_kind kind = kind_of<T>;
        if constexpr (kind == wire_kind::object) {
            describe_object<T>();
        } else if constexpr (kind == wire_kind::sequence || kind == wire_kind::array) {
            describe_list<T>();
        } else if constexpr (kind == wire_kind::set || kind == wire_kind::map) {
            describe_associative<T>();
        } else if constexpr (kind == wire_kind::optional) {
            put("?");
            describe<std::remove_cvref_t<decltype(*std::declval<T&>())>>();
        } else if constexpr (kind == wire_kind::variant) {
            describe_parts(static_cast<T*>(nullptr), "|");
        } else if constexpr (kind == wire_kind::tuple) {
            describe_parts(static_cast<T*>(nullptr), ",");
        } else {
            describe_scalar<T>();
        }
    }

    /// The fields of `value`, in braces, whatever its type.
    template <class T>
    void describe_fields(const T& value) {
        if (!begin_object(&type_tag<T>)) return;
        static_cast<Archive&>(*this).fields_of(value);
        end_object();
    }

  private:
    template <class T>
    void describe_object() {
        static_assert(std::is_default_constructible_v<T>,
                      "sheaf: what is sent must have a default constructor: the receiver fills in a default object.");
        describe_fields(T{});
    }

    template <class T>
    void describe_list() {
        put("[");
        describe<element_t<T>>();
        if constexpr (kind_of<T> == wire_kind::array) {
            put(";");
            put_number(array_length<T>);
        }
        put("]");
    }

    template <class T>
    void describe_associative() {
        put("<");
        describe<typename T::key_type>();
        if constexpr (kind_of<T> == wire_kind::map) {
            put(",");
            describe<typename T::mapped_type>();
        }
        put(allows_equal_keys<T> ? ">+" : ">");
    }

    template <template <class...> class Tuple, class... T>
    void describe_parts(Tuple<T...>* /*of*/, std::string_view separator) {
        put("(");
        std::size_t index = 0;
        ((put(index++ == 0 ? "" : separator), describe<T>()), ...);
        // One alternative is told from a tuple of one part.
        put(sizeof...(T) == 1 && separator == "|" ? "|)" : ")");
    }

    template <class T>
    void describe_scalar() {
        constexpr wire_kind kind = kind_of<T>;
        if constexpr (kind == wire_kind::boolean) {
            put("b");
        } else if constexpr (kind == wire_kind::text) {
            put("s");
        } else if constexpr (kind == wire_kind::nothing) {
            put("n");
        } else if constexpr (kind == wire_kind::enumeration) {
            describe_scalar<std::underlying_type_t<T>>();
        } else if constexpr (kind == wire_kind::duration) {
            describe_scalar<typename T::rep>();
            put_unit("@", T::period::num, T::period::den);
        } else if constexpr (kind == wire_kind::time_point) {
            describe_scalar<typename T::rep>();
            put_unit("@epoch/", T::period::num, T::period::den);
        } else {
            // Whether char is signed differs between platforms, its encoding does not.
            put_scalar(std::is_same_v<T, char>       ? 'c'
                       : std::is_floating_point_v<T> ? 'f'
                       : std::is_signed_v<T>         ? 'i'
                                                     : 'u',
                       sizeof(T));
        }
    }
};

/// The archive to which a class's own functions describe it, by saving a default-constructed object.
class describing_archive : public cereal::OutputArchive<describing_archive, cereal::AllowEmptyClassElision>,
                           public type_describer<describing_archive> {
    using base = cereal::OutputArchive<describing_archive, cereal::AllowEmptyClassElision>;

  public:
    describing_archive();
    ~describing_archive() override;
    describing_archive(const describing_archive&) = delete;
    describing_archive& operator=(const describing_archive&) = delete;

    template <class... T>
    describing_archive& operator()(T&&... fields) {
        (field(std::as_const(fields)), ...);
        return *this;
    }
    template <class T>
    describing_archive& operator&(T&& value) {
        return (*this)(value);
    }
    template <class T>
    describing_archive& operator<<(T&& value) {
        return (*this)(value);
    }

    template <class T>
    void fields_of(const T& value) {
        base::operator()(value);
    }

  private:
    template <class T>
    void field(const T& value) {
        if constexpr (kind_of<T> == wire_kind::named) {
            begin_field(value.name);
            describe<std::remove_cvref_t<decltype(value.value)>>();
        } else if constexpr (std::is_base_of_v<cereal::traits::detail::BaseCastBase, T>) {
            base::operator()(value);  // a base class's fields stand among those of the class
        } else if constexpr (kind_of<T> == wire_kind::cereal_part) {
            begin_field("");
            put("#");  // a count or bytes that other cereal code writes: nothing is known about them
        } else {
            begin_field("");
            describe<T>();
        }
    }
};

template <class T>
    requires std::is_arithmetic_v<T>
void save(describing_archive& archive, const T& value) {
    archive(value);
}
inline void save(describing_archive& archive, const std::string& value) { archive(value); }
template <class T>
void save(describing_archive& archive, const cereal::NameValuePair<T>& named) {
    archive(named);
}
template <class T>
void save(describing_archive& archive, const cereal::SizeTag<T>& tag) {
    archive(tag);
}
template <class T>
void save(describing_archive& archive, const cereal::BinaryData<T>& block) {
    archive(block);
}

/// The last part of a type's name, for people; compilers may differ about it.
[[nodiscard]] std::string short_type_name(const std::type_info& type);

/// A hash of our own definition (64-bit FNV-1a): the same in every process, build and machine.
[[nodiscard]] std::uint64_t fnv1a64(std::string_view bytes) noexcept;

}  // namespace sheaf::detail
