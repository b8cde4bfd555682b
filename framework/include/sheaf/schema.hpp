// What a task's arguments, result and errors look like on the wire: as text, as a fingerprint, and how two differ.
//
// The text of task<"fs.stats", stats(std::string), throws<unreadable>> is
//
//     fs.stats(s)->{path:s,words:u8}!unreadable{err:i4}
//
// b bool; i1 i2 i4 i8, u1 ... u8, f4 f8 numbers by width in bytes, c1 char; s text; n nothing; [T] any number of T;
// [T;4] four of them; *T a stream of T; <T> a set; <K,V> a map, each with + if keys may repeat; ?T one or none; (A,B) a tuple; (A|B) one of
// them; {name:T,U} a class with its fields; ^1 the class itself again, ^2 the one around it; i8@1/1000 a duration in
// thousandths of a second; i8@epoch/1/1000 a point in time; # what other cereal code writes. Enums are their numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sheaf/detail/schema_writer.hpp>
#include <sheaf/task.hpp>

namespace sheaf {

/// A task's types as they are encoded.
struct task_schema {
    std::string text;               ///< for people
    std::uint64_t fingerprint = 0;  ///< equal when the encodings fit each other; names do not count
};

namespace detail {

template <class Task>
struct schema_of;

template <fixed_string Name, class R, class... A, class... Options>
struct schema_of<task<Name, R(A...), Options...>> {
    using described = task<Name, R(A...), Options...>;

    static task_schema make() {
        typename described::codec::describer archive;
        archive.names_count = described::codec::names_count;
        archive.put("(");
        std::size_t index = 0;
        ((archive.put(index++ == 0 ? "" : ","), archive.template describe<std::remove_cvref_t<A>>()), ...);
        archive.put(")->");
        if constexpr (std::is_void_v<R>) {
            archive.put("n");
        } else if constexpr (is_stream<R>) {
            archive.put("*");
            archive.template describe<typename R::chunk_type>();
        } else {
            archive.template describe<typename described::result_type>();
        }
        describe_errors(archive, typename described::errors{});
        return {std::string(described::name()) + archive.text, fnv1a64(archive.shape)};
    }

  private:
    using codec = typename described::codec;

    template <class... E>
    static void describe_errors(auto& archive, throws<E...> /*errors*/) {
        (describe_error<E>(archive), ...);
    }
    template <class E>
    static void describe_error(auto& archive) {
        archive.put("!");
        archive.text += short_type_name(typeid(E));
        if constexpr (codec::template has_fields<E>) {
            archive.describe_fields(E{std::string{}});
        } else {
            archive.put("{}");
        }
    }
};

}  // namespace detail

/// The schema of a task; made once. Raw tasks have none: an empty text and 0.
template <class Task>
[[nodiscard]] const task_schema& schema() {
    static const task_schema made = [] {
        if constexpr (Task::is_raw) {
            return task_schema{};
        } else {
            return detail::schema_of<Task>::make();
        }
    }();
    return made;
}

/// The first difference between two schemas of one task, in words: result: field 2 "words": u8 here, u4 there.
/// Empty when they fit. Either may be any text, from anybody.
[[nodiscard]] std::string schema_difference(std::string_view here, std::string_view there);

}  // namespace sheaf
