// Mappers as map_with() and map_each() take them. Not for users.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <sheaf/detail/callable.hpp>
#include <sheaf/detail/output_file.hpp>
#include <sheaf/emitter.hpp>
#include <sheaf/text_split.hpp>

namespace sheaf {

class number_split;
template <class T>
class typed_split;
template <class K, class V>
class pair_split;

namespace detail {

/// What text is when it is kept.
template <class T>
using owned_part = std::conditional_t<std::is_same_v<T, std::string_view>, std::string, T>;

/// The split whose records are of type R.
template <class R>
struct split_of_records {
    using type = typed_split<R>;
};
template <class R>
    requires requires { typename R::split_type; }
struct split_of_records<R> {
    using type = typename R::split_type;
};
template <class R>
    requires requires(const R& split) { split.records(); }
struct split_of_records<R> {
    using type = R;  // a record is a split: a whole file
};
template <class R>
    requires std::convertible_to<R, std::string_view>
struct split_of_records<R> {
    using type = text_split;
};
template <std::integral R>
struct split_of_records<R> {
    using type = number_split;
};
template <class K, class V>
struct split_of_records<std::pair<K, V>> {
    using type = pair_split<owned_part<K>, owned_part<V>>;
};
template <>
struct split_of_records<void> {
    using type = text_split;
};

/// f(const Split&, out[, side])
template <class Split, class F>
struct split_mapper {
    using split_type = Split;
    static constexpr bool by_record = false;
    F f;
};

/// f(record[, out][, side]) for each record of a split.
template <class Split, class F>
struct record_mapper {
    using split_type = Split;
    static constexpr bool by_record = true;
    F f;
};

/// The split that map_with(f) reads: what f's first parameter is, or text.
template <class F>
using split_of_mapper = std::conditional_t<std::is_void_v<first_parameter_t<F>>, text_split, first_parameter_t<F>>;

template <class T>
concept pair_like = requires(T& one) {
    one.first;
    one.second;
};
template <class T>
concept optional_pair = requires(T& one) {
    static_cast<bool>(one);
    { *one } -> pair_like;
};
template <class T>
concept pair_range = requires(T& many) {
    { *many.begin() } -> pair_like;
    many.end();
};

/// Whether map_each() can be given a function that returns T.
template <class T>
concept mapped_record = pair_like<T> || optional_pair<T> || pair_range<T>;

/// Emits what a function for map_each() returned.
template <class Out, mapped_record T>
void emit_mapped(Out& out, T&& made) {
    if constexpr (pair_like<T>) {
        out.emit(std::forward<T>(made).first, std::forward<T>(made).second);
    } else if constexpr (optional_pair<T>) {
        if (made) out.emit(std::move((*made).first), std::move((*made).second));
    } else {
        for (auto&& one : made) out.emit(std::move(one.first), std::move(one.second));
    }
}

template <class Record, class Out, class Side, class F>
void map_record(F& f, const Record& record, Out& out, const Side& side) {
    if constexpr (is_callable<F, Side, const Record&, Out&>) {
        call_with_side(f, side, record, out);
    } else {
        emit_mapped(out, call_with_side(f, side, record));
    }
}

/// What mappers of map-only jobs append text to: passed where they take a std::string&.
class text_out {
  public:
    explicit text_out(output_file& file) noexcept : file_(file) {}
    operator std::string&() const noexcept { return file_.text(); }  // NOLINT(google-explicit-constructor)
    void written() { file_.written(); }
    [[nodiscard]] output_file& file() const noexcept { return file_; }

  private:
    output_file& file_;
};

/// What a mapper is called with for each record or split.
template <class Mapper>
struct mapped_by {
    using type = typename Mapper::split_type;
};
template <class Mapper>
    requires(Mapper::by_record)
struct mapped_by<Mapper> {
    using type = std::remove_cvref_t<decltype(*std::declval<const typename Mapper::split_type&>().records().begin())>;
};

/// Whether the mapper appends text, where it does not emit. A function of any `out` is only asked the first question: if it emits,
/// it cannot be compiled with a text.
template <class Mapper, class Side, class K, class V>
constexpr bool appends_text() {
    using in = typename mapped_by<Mapper>::type;
    if constexpr (is_callable<decltype(Mapper::f), Side, const in&, emitter<K, V>&>) {
        return false;
    } else {
        return is_callable<decltype(Mapper::f), Side, const in&, std::string&>;
    }
}

/// Where there is no filter_with().
struct no_filter {};

/// Calls the mapper for `split`.
template <class Mapper, class Filter, class Split, class Out, class Side>
void map_split(Mapper& mapper, Filter& filter, const Split& split, Out& out, const Side& side) {
    if constexpr (!Mapper::by_record) {
        call_with_side(mapper.f, side, split, out);
        if constexpr (std::is_same_v<Out, text_out>) out.written();
    } else {
        for (const auto& record : split.records()) {
            if constexpr (!std::is_same_v<Filter, no_filter>) {
                if (!call_with_side(filter, side, record)) continue;
            }
            map_record(mapper.f, record, out, side);
            if constexpr (std::is_same_v<Out, text_out>) out.written();
        }
    }
}

}  // namespace detail
}  // namespace sheaf
