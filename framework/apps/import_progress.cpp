#include "apps/import_progress.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "base/parse_number.hpp"
#include "base/printable.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::apps {
namespace {

constexpr std::string_view first_line = "sheaf queue import";
constexpr std::string_view server_word = "server ";
constexpr std::string_view row_word = "row ";

[[noreturn]] void cannot_write(const std::string& path, int why) {
    throw runtime_failure(
        {errc::io_error, "cannot note in " + printable(path) + " how far the import is: " + std::strerror(why)});
}

// -1 when it is none.
std::int64_t row_of(std::string_view line) {
    return line.starts_with(row_word) ? parse_number<std::int64_t>(line.substr(row_word.size())).value_or(-1) : -1;
}

void write_durably(const std::string& path, const std::string& text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) cannot_write(path, errno);
    const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const bool kept = written && ::fdatasync(file) == 0;
    const int why = errno;
    ::close(file);
    if (!kept) cannot_write(path, why);
}

}  // namespace

import_progress::import_progress(const std::string& file, std::string server)
    : path_(file + ".imported"), server_(std::move(server)) {
    std::ifstream in(path_);
    if (!in) return;
    std::string title;
    std::string where;
    std::string number;
    std::getline(in, title);
    std::getline(in, where);
    std::getline(in, number);
    const std::int64_t row = row_of(number);
    if (title != first_line || !where.starts_with(server_word) || row < 0) {
        throw runtime_failure(
            {errc::malformed, printable(path_) + " is no note of how far an import is. Move it away; jobs that are at "
                                                 "the server already then come a second time, unless they have keys"});
    }
    if (std::string_view(where).substr(server_word.size()) == server_) row_ = row;
}

void import_progress::note(std::int64_t row) {
    if (row == row_) return;
    std::string text;
    for (const std::string_view part : {first_line, std::string_view("\n"), server_word, std::string_view(server_),
                                        std::string_view("\n"), row_word}) {
        text += part;
    }
    text += std::to_string(row) + "\n";
    const std::string next = path_ + ".new";
    write_durably(next, text);
    if (::rename(next.c_str(), path_.c_str()) != 0) cannot_write(path_, errno);
    row_ = row;
}

}  // namespace sheaf::apps
