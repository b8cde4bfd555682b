// JSON text, written piece by piece. Not for users: see json.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sheaf {

/// A value that cannot be written as JSON. The text says which, and why.
class encode_error : public std::invalid_argument {
  public:
    explicit encode_error(const std::string& what);
};

namespace detail {

/// Appends one JSON value to a string. Throws encode_error for what JSON has no way to say.
class json_writer {
  public:
    explicit json_writer(std::string& to) : out_(to) {}

    void null();
    void boolean(bool value);
    void integer(std::int64_t value);
    void whole(std::uint64_t value);
    /// The shortest decimal number that gives the same bits back. Not for NaN and infinity.
    void real(double value);
    void real(float value);
    /// Must be UTF-8.
    void text(std::string_view value);
    /// As a text in base64.
    void bytes(const void* data, std::size_t size);
    /// JSON text that is known to be right.
    void raw(std::string_view value);

    void open_array();
    void open_object();
    /// Names the next value in an object. `key` must stay where it is until the value is written.
    void key(std::string_view key);

    /// What becomes an object at its first field, or an array when it begins with a count.
    void open_class();
    /// As key(), for the fields of a class, no two of which may have the same name.
    void field(std::string_view name);
    /// Names it value0, value1 ... or makes it the next element of an array.
    void unnamed_field();
    /// The fields that follow are the elements of an array.
    void elements();

    /// Ends the innermost of what is open.
    void close();

    [[noreturn]] void fail(std::string_view why) const;

  private:
    enum class shape : std::uint8_t { array, object, undecided };
    struct level {
        shape as;
        std::size_t count = 0;        // of values begun
        std::size_t unnamed = 0;      // of them
        std::size_t names_begin = 0;  // the level's own in names_
        std::string key{};
    };
    struct name_place {
        std::size_t begin;
        std::size_t size;
    };

    void open(shape as, std::string_view bracket);
    void begin_value();
    void quote(std::string_view value);
    name_place write_key(std::string_view key);
    template <class T>
    void number(T value);

    std::string& out_;
    std::vector<level> levels_;
    std::vector<name_place> names_;  // of the fields of all open classes, as they stand in out_
};

}  // namespace detail
}  // namespace sheaf
