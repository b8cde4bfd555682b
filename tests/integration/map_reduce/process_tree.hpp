// Looking at the processes of a run from outside, through /proc.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/types.h>
#include <vector>

#include "integration/cluster/worker_program.hpp"
#include "support/deadline.hpp"

namespace sheaf::test {

/// Children, their children, and so on.
inline std::vector<pid_t> descendants_of(pid_t ancestor) {
    std::vector<pid_t> all = children_of(ancestor);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto more = children_of(all[i]);
        all.insert(all.end(), more.begin(), more.end());
    }
    return all;
}

/// Whether the process has a file open whose path contains both texts.
inline bool has_open(pid_t process, const std::string& one, const std::string& other) {
    std::error_code gone;
    for (std::filesystem::directory_iterator at("/proc/" + std::to_string(process) + "/fd", gone), end;
         !gone && at != end; at.increment(gone)) {
        std::error_code closed;
        const std::string path = std::filesystem::read_symlink(at->path(), closed).string();
        if (path.find(one) != std::string::npos && path.find(other) != std::string::npos) return true;
    }
    return false;
}

/// Whether a stop signal has taken hold of the process (or it is gone).
inline bool is_stopped(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    std::getline(file, text);
    const std::size_t name_end = text.rfind(')');
    return name_end == std::string::npos || (text.size() > name_end + 2 && text[name_end + 2] == 'T');
}

}  // namespace sheaf::test
