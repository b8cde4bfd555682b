// The kinds of output, as what a run is told of them.
#include <sheaf/map_reduce_options.hpp>
#include <sheaf/output.hpp>

namespace sheaf {
namespace {

using detail::output_encoding;
using detail::output_place;

output make(output_place place, std::string path, detail::output_format format) {
    return output({.place = place, .path = std::move(path), .format = std::move(format), .take = {}});
}

detail::output_format csv(csv_output_options how) {
    return {.encoding = output_encoding::csv,
            .delimiter = how.delimiter,
            .quote = how.quote,
            .columns = std::move(how.columns),
            .schema = {},
            .record_bytes = 0};
}

detail::output_format typed() {
    detail::output_format format;
    format.encoding = output_encoding::typed;
    return format;
}

}  // namespace

void detail::throw_key_twice() {
    throw run_failed({.code = errc::invalid_argument,
                      .message = "a key of the result is in the container that it goes into already, or comes twice; a "
                                 "std::multimap or a std::vector of pairs takes it"});
}

output text_parts(std::string directory) { return {std::move(directory)}; }
output single_file(std::string path, single_file_options how) {
    detail::output_format format;
    format.record_bytes = how.record_bytes;
    return make(output_place::file, std::move(path), std::move(format));
}
output csv_parts(std::string directory, csv_output_options how) {
    return make(output_place::directory, std::move(directory), csv(std::move(how)));
}
output single_csv_file(std::string path, csv_output_options how) {
    return make(output_place::file, std::move(path), csv(std::move(how)));
}
output typed_parts(std::string directory) { return make(output_place::directory, std::move(directory), typed()); }
output single_typed_file(std::string path) { return make(output_place::file, std::move(path), typed()); }
output kept() { return make(output_place::kept, {}, typed()); }

}  // namespace sheaf
