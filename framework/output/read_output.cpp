#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <sheaf/detail/read_output.hpp>
#include <sheaf/map_reduce_options.hpp>

namespace sheaf::detail {
namespace {

[[noreturn]] void fail(errc code, std::string message) {
    throw run_failed({.code = code, .message = std::move(message)});
}

void read_lines(const std::string& path, const std::function<bool(std::string_view line)>& take) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
        if (!take(line)) {
            fail(errc::malformed, path + ", line " + std::to_string(number) +
                                      ": not a key, a tab and a value of the job's types. Was the output written with "
                                      "format_with or reduce_with? Then only its author can read it");
        }
    }
    if (!file.eof()) fail(errc::io_error, "cannot read " + path + ": " + std::generic_category().message(errno));
}

}  // namespace

void for_each_output_line(const map_reduce_report& report, const std::function<bool(std::string_view line)>& take) {
    if (!std::filesystem::is_directory(report.output)) return read_lines(report.output, take);  // single_file()
    for (const std::string& file : report.files) read_lines(report.output + "/" + file, take);
}

}  // namespace sheaf::detail
