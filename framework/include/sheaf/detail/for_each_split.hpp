// Reading the pieces of an assignment as what mappers take. Not for users.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/detail/attempt_hooks.hpp>
#include <sheaf/detail/input_piece.hpp>

namespace sheaf::detail {

/// Whole records of a piece, and all that a split is made of. Views last for as long as the function that is called with it.
struct split_source {
    const input_piece& piece;
    const input_format& format;
    std::string_view bytes;    ///< of numbers: none; of values and sources: the piece's content
    std::uint64_t offset = 0;  ///< where they are in the file, as it is when unpacked
    std::string_view header;   ///< of csv: the first record of the file
};

/// How splits of a type are made and taken apart. Specialized for each of them beside its definition:
///     static constexpr std::string_view reads: what the type reads, for a sentence: "text_files() or word_files()"
///     static bool fits(const input_format&)
///     static Split make(const split_source&)
///     each_record(const split_source&, f): f(const Split& one, offset, length) for each record, in order; f says whether to go on
template <class Split>
struct split_access;

/// What was read.
struct input_tally {
    std::uint64_t bytes = 0;  ///< of records, as they are when unpacked
    /// What is odd about the input, in sentences for the report.
    std::vector<std::string> notes;
};

/// Where a record is, for whoever has to find it again.
struct record_place {
    std::string_view path;     ///< of its file; empty when there is none
    std::uint64_t offset = 0;  ///< in the file as it is unpacked; of numbers, values and sources: in the piece
    std::uint64_t length = 0;
    std::uint64_t number = 0;  ///< from the beginning of its piece
    std::string_view bytes;    ///< the record as the file has it; empty of numbers
};

/// Calls take(source) for all chunks of all pieces, in order, until it gives false. Checks for a stop between chunks, and after each
/// piece that its file is what it was. Throws unit_refused for what no other attempt would do better.
input_tally walk_pieces(const std::vector<input_piece>& pieces, const input_formats& formats,
                        const attempt_hooks& hooks, const std::function<bool(const split_source&)>& take);

/// Throws unit_refused: the mapper's split is not what the input is made of.
[[noreturn]] void refuse_split(const input_format& format, std::string_view reads);

/// Calls f, and says whether to go on: what it returns, or yes.
template <class F, class... A>
bool goes_on(F& f, const A&... arguments) {
    if constexpr (std::same_as<std::invoke_result_t<F&, const A&...>, bool>) {
        return f(arguments...);
    } else {
        f(arguments...);
        return true;
    }
}

/// For a person: where such splits come from.
template <class Split>
std::string what_is_read_by() {
    std::string text(split_access<Split>::reads);
    if constexpr (requires { split_access<Split>::schema(); }) {
        text += ", with records of type " + split_access<Split>::schema();
    }
    return text;
}

/// Throws unit_refused unless all pieces can be read as such splits.
template <class Split, class Assignment>
void check_formats(const Assignment& what) {
    for (const input_piece& piece : what.pieces) {
        if (piece.input >= what.formats.size()) continue;  // walk_pieces() has a sentence for it
        const input_format& format = what.formats[piece.input];
        if (!split_access<Split>::fits(format)) refuse_split(format, what_is_read_by<Split>());
    }
}

/// Calls take(const Split& one, const record_place&) for each record of the assignment's pieces, in order; it may return whether to
/// go on. Slower than for_each_split.
template <class Split, class Assignment, class Take>
input_tally for_each_record(const Assignment& what, const attempt_hooks& hooks, Take&& take) {
    check_formats<Split>(what);
    const input_piece* piece = nullptr;
    std::uint64_t number = 0;
    return walk_pieces(what.pieces, what.formats, hooks, [&](const split_source& from) {
        if (std::exchange(piece, &from.piece) != &from.piece) number = 0;
        bool more = true;
        split_access<Split>::each_record(from, [&](const Split& one, std::uint64_t offset, std::uint64_t length) {
            const std::uint64_t its = number++;
            if (its < from.piece.first_record) return true;
            if (its >= from.piece.last_record) return false;
            std::string_view bytes;
            if (!from.bytes.empty()) bytes = from.bytes.substr(static_cast<std::size_t>(offset - from.offset), length);
            more = goes_on(take, one, record_place{from.piece.path, offset, length, its, bytes});
            return more;
        });
        return more;
    });
}

/// Calls take(const Split&) for each stretch of records of the assignment's pieces, in order; it may return whether to go on. An
/// assignment is anything with `pieces` and `formats`.
template <class Split, class Assignment, class Take>
input_tally for_each_split(const Assignment& what, const attempt_hooks& hooks, Take&& take) {
    check_formats<Split>(what);
    for (const input_piece& piece : what.pieces) {
        if (piece.has_all_records()) continue;
        return for_each_record<Split>(what, hooks,
                                      [&](const Split& one, const record_place&) { return goes_on(take, one); });
    }
    return walk_pieces(what.pieces, what.formats, hooks, [&](const split_source& from) {
        const Split split = split_access<Split>::make(from);
        return goes_on(take, split);
    });
}

}  // namespace sheaf::detail
