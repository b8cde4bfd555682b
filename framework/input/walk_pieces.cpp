// The loop over an attempt's pieces.
#include <algorithm>

#include "input/piece_reader.hpp"
#include <sheaf/detail/for_each_split.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {

namespace {

// A record this far beyond its piece is worth a note: whoever else might have read it has nothing to do.
constexpr std::uint64_t overrun_noted = 64U << 20;

std::string name_of(const input_format& format) {
    switch (format.records) {
        case record_format::lines: return "text_files()";
        case record_format::words: return "word_files()";
        case record_format::csv: return "csv_files()";
        case record_format::fixed: return "fixed_records()";
        case record_format::typed: return "typed_files() of " + format.schema;
        case record_format::whole_files: return "whole_files()";
        case record_format::numbers: return "numbers()";
        case record_format::values: return "values() of " + format.schema;
        case record_format::source: return "from_source() of " + format.schema;
    }
    return "something that this worker does not know";
}

bool is_of_files(record_format records) noexcept {
    return records != record_format::numbers && records != record_format::values && records != record_format::source;
}

class piece_walk {
  public:
    piece_walk(const attempt_hooks& hooks, std::uint64_t total, const std::function<bool(const split_source&)>& take)
        : hooks_(hooks), gauge_(hooks, total), take_(take) {}

    // Says whether to go on.
    bool visit(const input_piece& piece, const input_format& format) {
        check_stop(hooks_.stop);
        const bool more = is_of_files(format.records) ? visit_file(piece, format) : visit_content(piece, format);
        done_ += piece.length;
        gauge_.reach(done_);
        return more;
    }

    [[nodiscard]] input_tally&& tally() && { return std::move(tally_); }

  private:
    bool visit_content(const input_piece& piece, const input_format& format) {
        tally_.bytes += piece.content.size();
        return take_({piece, format, piece.content, piece.offset, {}});
    }

    bool visit_file(const input_piece& piece, const input_format& format) {
        const std::unique_ptr<piece_reader> reader = open_piece(piece, format, hooks_.open);
        bool more = true;
        try {
            for (record_chunk chunk; more && reader->next(chunk);) {
                more = take_({piece, format, chunk.bytes, chunk.offset, reader->header()});
                note(piece, format, chunk);
                gauge_.reach(done_ + std::min(reader->position(), piece.length));
                check_stop(hooks_.stop);
            }
        } catch (...) {
            // What a mapper makes of zeros that stand for a torn file says nothing; that the file is torn does.
            reader->check_unchanged();
            throw;
        }
        reader->check_unchanged();
        return more;
    }

    void note(const input_piece& piece, const input_format& format, const record_chunk& chunk) {
        tally_.bytes += chunk.bytes.size();
        if (piece.indivisible || format.records == record_format::whole_files) return;
        const std::uint64_t border = piece.offset + piece.length;
        const std::uint64_t end = chunk.offset + chunk.bytes.size();
        if (end < border || end - border < overrun_noted) return;
        std::string text = "'" + piece.path + "' has a record that begins before byte " + std::to_string(border) +
                           " and ends at byte " + std::to_string(end) + ": one attempt had all of it.";
        if (format.records == record_format::lines) {
            text += " Texts whose lines have no end can be cut at words: see sheaf::word_files().";
        }
        tally_.notes.push_back(std::move(text));
    }

    const attempt_hooks& hooks_;
    progress_gauge gauge_;
    const std::function<bool(const split_source&)>& take_;
    std::uint64_t done_ = 0;
    input_tally tally_;
};

}  // namespace

void refuse_split(const input_format& format, std::string_view reads) {
    throw unit_refused("the input is " + name_of(format) + ", but the job's mapper takes what comes of " +
                       std::string(reads) + ". Give the run another input, or the mapper another first parameter.");
}

input_tally walk_pieces(const std::vector<input_piece>& pieces, const input_formats& formats,
                        const attempt_hooks& hooks, const std::function<bool(const split_source&)>& take) {
    std::uint64_t total = 0;
    for (const input_piece& one : pieces) total += one.length;
    piece_walk walk(hooks, total, take);
    for (const input_piece& one : pieces) {
        if (one.input >= formats.size()) {
            throw unit_refused(
                "the assignment does not say how its pieces are read. Do all processes run the same build?");
        }
        if (!walk.visit(one, formats[one.input])) break;
    }
    return std::move(walk).tally();
}

}  // namespace sheaf::detail
