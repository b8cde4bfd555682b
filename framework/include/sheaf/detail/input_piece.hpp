// The parts into which a run's input is cut, and how their bytes are to be read. Not for users.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

namespace sheaf {

/// Whether the files of an input are compressed.
enum class compression : std::uint8_t {
    by_name,  ///< gzip when the name ends in .gz, zstd when it ends in .zst, else not
    none,
    gzip,
    zstd,
};

namespace detail {

/// What the records of an input are.
enum class record_format : std::uint8_t { lines, words, csv, fixed, typed, whole_files, numbers, values, source };

/// How an input is read: the same for all pieces of it.
struct input_format {
    record_format records = record_format::lines;
    compression packing = compression::by_name;
    /// A record that has to be held in memory, since its file is compressed or not on this host, has at most so many bytes. Of
    /// CSV, all have.
    std::uint64_t record_bytes_max = std::uint64_t{64} << 20;
    std::uint64_t record_bytes = 0;  ///< of fixed: the size of each
    std::uint64_t skip = 0;          ///< of fixed: what is before the first record of a file
    std::int64_t first_number = 0;   ///< of numbers: the first; a piece's offset counts from here
    std::string schema{};            ///< of typed, values and source: the records' type, as sheaf::schema() writes it
    char delimiter = ',';            ///< of csv, as all that follow
    char quote = '"';                ///< 0: quotes mean nothing
    bool header = true;              ///< the first record of each file has the columns' names
    bool newlines_in_fields = true;  ///< quoted fields may have newlines

    template <class Archive>
    void serialize(Archive& archive) {
        archive(records, packing, record_bytes_max, record_bytes, skip, first_number, schema, delimiter, quote, header,
                newlines_in_fields);
    }
};

/// A stretch of an input file: the records that begin in [offset, offset + length), whole. Where the format and the file
/// allow it, a piece may be cut in two at any byte: the two have the same records between them.
struct input_piece {
    std::string path{};  ///< or an address: see is_remote(). Empty when there is no file
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::uint64_t file_size = 0;  ///< as the driver saw it: a file that has changed is an error
    std::uint32_t input = 0;      ///< which of the run's inputs it is of
    /// It cannot be cut at a byte, since it is compressed, or no file; only at a number of a record, counted from its beginning.
    bool indivisible = false;
    std::uint64_t first_record = 0;  ///< [first_record, last_record) of an indivisible piece
    std::uint64_t last_record = std::numeric_limits<std::uint64_t>::max();
    std::string content{};  ///< of values and sources: the bytes themselves
    /// What tells the file's state from others, as the driver saw it: its entity tag. Empty: only its size.
    std::string tag{};
    /// The file is read by way of the driver. Found out on the worker's host, and not sent.
    bool at_driver = false;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(path, offset, length, file_size, input, indivisible, first_record, last_record, content, tag);
    }

    [[nodiscard]] bool has_all_records() const noexcept {
        return first_record == 0 && last_record == std::numeric_limits<std::uint64_t>::max();
    }
};

/// How the pieces of a run's inputs are read, by input_piece::input.
using input_formats = std::vector<input_format>;

}  // namespace detail
}  // namespace sheaf
