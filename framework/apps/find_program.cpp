#include "apps/find_program.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace sheaf::apps {
namespace {

bool may_execute(const std::string& path) {
    struct stat of {};
    return ::stat(path.c_str(), &of) == 0 && S_ISREG(of.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::optional<std::string> find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return may_execute(name) ? std::optional(name) : std::nullopt;
    const char* const path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? std::string_view() : std::string_view(path);
    while (!rest.empty()) {
        const auto end = std::min(rest.find(':'), rest.size());
        const std::string candidate = std::string(rest.substr(0, end)) + "/" + name;
        if (end > 0 && may_execute(candidate)) return candidate;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return std::nullopt;
}

std::string no_program(const std::string& name) {
    return name + " is not there, or not a program that you may run" +
           (name.find('/') == std::string::npos
                ? "; it was looked for in PATH: write ./" + name + " for one that is here"
                : "");
}

}  // namespace sheaf::apps
