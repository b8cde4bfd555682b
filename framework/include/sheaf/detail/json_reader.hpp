// A parsed JSON text, and a cursor over it. Not for users: see json.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/detail/decode_value.hpp>

namespace sheaf::detail {

/// Where a JSON value is kept: its parts follow it, each with its own parts, up to `end`.
struct json_node {
    enum class kind : std::uint8_t { null, boolean, number, text, array, object };

    kind what = kind::null;
    bool truth = false;       ///< of a boolean
    bool taken = false;       ///< of an object's value: a field has been read from it
    std::size_t count = 0;    ///< of an array's or object's parts
    std::size_t end = 0;      ///< index of the node after its parts
    std::string_view key{};   ///< of an object's value
    std::string_view text{};  ///< of a text, unescaped; of a number, as it is written
};

/// A whole JSON text. Parsing is strict, and checks UTF-8; keys may occur twice.
class json_document {
  public:
    /// Throws decode_error. `text` must outlive the document.
    json_document(std::string_view text, const decode_limits& limits);

    std::vector<json_node> nodes;  ///< the first is the value itself

  private:
    std::string unescaped_;  // never longer than the text, so it stays where it is
};

/// Reads the values of a document. The cursor stands at one value; errors name the way to it, as in args[0].words.
class json_reader {
  public:
    json_reader(std::string_view text, const decode_limits& limits);

    [[nodiscard]] bool is_null() const noexcept { return here().what == json_node::kind::null; }
    void null() const;
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] std::int64_t integer(std::int64_t min, std::int64_t max) const;
    [[nodiscard]] std::uint64_t whole(std::uint64_t max) const;
    /// Whichever double or float is nearest to the number.
    void real(double& value) const;
    void real(float& value) const;
    [[nodiscard]] std::string_view text() const;
    /// How many bytes the text here stands for in base64, at least 0; they are written to `to`.
    [[nodiscard]] std::size_t bytes_size() const;
    void bytes(std::byte* to) const;

    /// Accounts for `size` bytes of memory that the decoded value takes.
    void charge(std::size_t size);
    void charge(std::size_t count, std::size_t size);

    /// Steps into the value here, and returns how many parts it has. Each belongs in a scope.
    std::size_t enter_array();
    std::size_t enter_object();
    /// Steps into what json_writer::open_class() writes.
    void enter_class();
    /// To the next element of the array.
    void next_element();
    /// To the next value of the object; returns its key.
    std::string_view next_member();
    /// To the value of that name in the class.
    void field(std::string_view name);
    /// To value0, value1 ... or to the next element, as json_writer::unnamed_field() has it.
    void unnamed_field();
    /// The class is an array: its length.
    std::size_t elements();
    /// Nothing of the class or array must be left. Call it before its scope ends.
    void finish();

    /// Steps out again when it ends.
    class scope {
      public:
        explicit scope(json_reader& of) : of_(of), depth_(of.levels_.size()), at_(of.at_) {}
        ~scope() {
            of_.levels_.resize(depth_);
            of_.at_ = at_;
        }
        scope(const scope&) = delete;
        scope& operator=(const scope&) = delete;

      private:
        json_reader& of_;
        std::size_t depth_;
        std::size_t at_;
    };

    [[noreturn]] void fail(const std::string& why) const;
    /// The value here as JSON text, not as it was spaced.
    [[nodiscard]] std::string text_of_value() const;

  private:
    struct level {
        std::size_t node;  // the array or object
        std::size_t next;  // the part after the one that was read last
        std::size_t taken = 0;
        std::size_t unnamed = 0;
        bool undecided = false;  // a class nothing of which was read
        bool array = false;
        bool at_part = false;  // errors are about the part at the cursor, not about the whole
        std::string key{};     // of the part at the cursor
    };

    [[nodiscard]] const json_node& here() const noexcept { return document_.nodes[at_]; }
    [[noreturn]] void expected(std::string_view what) const;
    [[nodiscard]] std::string_view number_text() const;
    template <class T>
    [[nodiscard]] T number(T min, T max) const;
    template <class T>
    void any_real(T& value) const;
    void decide(bool array);
    [[noreturn]] void refuse_member(std::size_t extra);

    json_document document_;
    std::size_t at_ = 0;
    std::size_t budget_;
    std::vector<level> levels_{};
};

}  // namespace sheaf::detail
