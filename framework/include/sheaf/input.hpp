// What a map/reduce run reads: where it is, and what its records are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <sheaf/detail/input_piece.hpp>

namespace sheaf {

/// What a source of a user's own is asked to cut its records into.
struct source_plan {
    std::size_t slots = 1;          ///< attempts that can run at the same time
    std::size_t splits_wanted = 1;  ///< enough to keep them busy to the end, and no more
};

namespace detail {

/// An input before it is looked at.
struct input_spec {
    input_format format;
    std::vector<std::string> paths;  ///< of files
    std::uint64_t numbers = 0;       ///< of record_format::numbers: how many
    std::string values;              ///< of record_format::values: all of them, encoded
    std::function<std::vector<std::string>(const source_plan&)>
        parts;                            ///< of record_format::source: its splits, encoded
    std::shared_ptr<const void> owner{};  ///< of a dataset: what removes the files
};

}  // namespace detail

/// What a run reads. Made by text_files() and its like; a value that is cheap to copy.
///
/// Where files are read, a path may be
/// - a file, plain or compressed with gzip (.gz) or zstd (.zst);
/// - a directory, read with all that is below it, in the order of names;
/// - a pattern: `*` and `?` stand for parts of a name, `[a-z]` for one character, `**` for any number of directories, as in
///   `logs/**/*.gz`. It must fit something. A path that exists is no pattern;
/// - an address, `http://...` or `https://...`, of a server that answers range requests.
///
/// They are looked at when the run starts: one that is missing or cannot be read fails it at once. A symbolic link that is named is
/// followed; in a directory, links to files are followed and links to directories are not. FIFOs, devices and sockets are an error
/// when named, and skipped (and counted) in a directory. Named twice is read twice.
///
/// Files are cut into splits that fit the cluster, many small ones sharing one. A record is read by who has its first byte, whole,
/// once. Compressed files are not cut: many make better use of a cluster than one.
class input {
  public:
    /// Nothing at all.
    input() = default;
    explicit input(detail::input_spec spec) : spec_(std::make_shared<const detail::input_spec>(std::move(spec))) {}

    /// For Sheaf. Null when there is nothing.
    [[nodiscard]] const detail::input_spec* spec() const noexcept { return spec_.get(); }

  private:
    std::shared_ptr<const detail::input_spec> spec_;
};

/// The name of what text_files() gives, from when there was nothing else.
using text_input = input;

/// Where a text may be cut.
enum class cut_at : std::uint8_t {
    lines,  ///< after a newline only: mappers see whole lines
    words,  ///< before any word: mappers see whole words, and lines may be torn. For texts with endless lines
};

/// Aggregate, as the other options are.
struct text_options {
    sheaf::cut_at cut_at = cut_at::lines;
    sheaf::compression compression = compression::by_name;
    /// The longest line (or word) of a file that is compressed or comes over the network, which have to be held in memory
    /// whole; a longer one fails the run with a sentence. Lines of plain files may have any length.
    std::uint64_t record_bytes_max = std::uint64_t{64} << 20;
};

/// Text, line by line. The mapper takes a text_split.
[[nodiscard]] input text_files(std::vector<std::string> paths, text_options how = {});
/// Text, word by word: text_files() that may be cut at any blank. For files whose lines have no end.
[[nodiscard]] input word_files(std::vector<std::string> paths, text_options how = {});

/// How CSV files are written (RFC 4180, and its relatives). Fields are separated by `delimiter`, records by newlines (LF or
/// CR LF). A field that begins with `quote` ends with one, may have delimiters and newlines in it, and has quotes doubled. A quote
/// anywhere else is an error that names the place. Empty lines are no records.
struct csv_options {
    char delimiter = ',';
    /// 0: quotes mean nothing, and so no field has a delimiter or a newline.
    char quote = '"';
    /// Whether the first record of each file has the columns' names.
    bool header = true;
    /// Whether quoted fields may have newlines. If they never do, cutting files is a little faster.
    bool newlines_in_fields = true;
    sheaf::compression compression = compression::by_name;
    /// The longest record, which is also how far the reader looks around a place to know whether it is within quotes; a longer one
    /// fails the run with a sentence.
    std::uint64_t record_bytes_max = std::uint64_t{1} << 20;
};

/// Delimited records. The mapper takes a csv_split.
[[nodiscard]] input csv_files(std::vector<std::string> paths, csv_options how = {});

struct fixed_options {
    /// What is before the first record of each file, in bytes.
    std::uint64_t skip = 0;
    sheaf::compression compression = compression::by_name;
};

/// Records of `record_bytes` bytes each, nothing between them. The mapper takes a fixed_split. A file that ends within a record is an
/// error.
[[nodiscard]] input fixed_records(std::vector<std::string> paths, std::uint64_t record_bytes, fixed_options how = {});

struct whole_file_options {
    sheaf::compression compression = compression::by_name;
    /// The largest file that is compressed or comes over the network, which are held in memory whole. Plain files may have any
    /// size.
    std::uint64_t file_bytes_max = std::uint64_t{256} << 20;
};

/// Each file is one record, an empty one too. The mapper takes a file_split.
[[nodiscard]] input whole_files(std::vector<std::string> paths, whole_file_options how = {});

/// The numbers from `first` to before `last`. The mapper takes a number_split. map_reduce_options::split_bytes, if given, is how
/// many are in one. Throws std::invalid_argument when last is less than first.
[[nodiscard]] input numbers(std::int64_t first, std::int64_t last);

}  // namespace sheaf
