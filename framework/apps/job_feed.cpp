#include "apps/job_feed.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "base/printable.hpp"

namespace sheaf::apps {
namespace {

basic_result<std::optional<std::string>> contents_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text;
    if (file) text.assign(std::istreambuf_iterator<char>(file), {});
    if (file && !file.bad()) return std::optional(std::move(text));
    return error{errc::invalid_argument, "cannot read " + printable(path) + ": " + std::strerror(errno)};
}

}  // namespace

basic_result<std::optional<std::string>> job_feed::next() {
    const std::size_t at = given_++;
    if (at < what_.payloads.size()) return std::optional(what_.payloads[at]);
    if (at < what_.payloads.size() + what_.files.size()) return contents_of(what_.files[at - what_.payloads.size()]);
    if (what_.payloads.empty() && what_.files.empty()) return next_of_input();
    return std::optional<std::string>();
}

std::optional<std::string> job_feed::next_of_input() {
    using input = submit_command::input;
    if (what_.from == input::none || what_.from == input::whole) {
        if (std::exchange(input_ended_, true)) return std::nullopt;
        if (what_.from == input::none) return std::string();
        return std::string(std::istreambuf_iterator<char>(std::cin), {});
    }
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    if (what_.from == input::lines && !std::cin.eof()) line += '\n';  // the last line may have no end
    return line;
}

}  // namespace sheaf::apps
