// The inputs that need no template.
#include <stdexcept>

#include <sheaf/input.hpp>

namespace sheaf {

namespace {

input files(std::vector<std::string> paths, const detail::input_format& format) {
    detail::input_spec spec;
    spec.format = format;
    spec.paths = std::move(paths);
    return input(std::move(spec));
}

}  // namespace

input text_files(std::vector<std::string> paths, text_options how) {
    return files(std::move(paths),
                 {.records = how.cut_at == cut_at::words ? detail::record_format::words : detail::record_format::lines,
                  .packing = how.compression,
                  .record_bytes_max = how.record_bytes_max});
}

input word_files(std::vector<std::string> paths, text_options how) {
    how.cut_at = cut_at::words;
    return text_files(std::move(paths), how);
}

input csv_files(std::vector<std::string> paths, csv_options how) {
    const bool clash = how.delimiter == how.quote || how.delimiter == '\n' || how.delimiter == '\r' ||
                       how.quote == '\n' || how.quote == '\r' || how.delimiter == '\0';
    if (clash) {
        throw std::invalid_argument(
            "csv_files: the delimiter and the quote must be two different bytes, and no ends of lines");
    }
    return files(std::move(paths), {.records = detail::record_format::csv,
                                    .packing = how.compression,
                                    .record_bytes_max = how.record_bytes_max,
                                    .delimiter = how.delimiter,
                                    .quote = how.quote,
                                    .header = how.header,
                                    .newlines_in_fields = how.newlines_in_fields && how.quote != '\0'});
}

input fixed_records(std::vector<std::string> paths, std::uint64_t record_bytes, fixed_options how) {
    if (record_bytes == 0)
        throw std::invalid_argument("fixed_records: records of 0 bytes cannot be told from each other");
    return files(std::move(paths), {.records = detail::record_format::fixed,
                                    .packing = how.compression,
                                    .record_bytes_max = record_bytes,
                                    .record_bytes = record_bytes,
                                    .skip = how.skip});
}

input whole_files(std::vector<std::string> paths, whole_file_options how) {
    return files(std::move(paths), {.records = detail::record_format::whole_files,
                                    .packing = how.compression,
                                    .record_bytes_max = how.file_bytes_max});
}

input numbers(std::int64_t first, std::int64_t last) {
    if (last < first) {
        throw std::invalid_argument("numbers: " + std::to_string(last) + " is less than " + std::to_string(first));
    }
    detail::input_spec spec;
    spec.format.records = detail::record_format::numbers;
    spec.format.first_number = first;
    spec.numbers = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
    return input(std::move(spec));
}

}  // namespace sheaf
