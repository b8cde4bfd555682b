#include "fetch/run_shelf.hpp"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <utility>

#include "sheaf/runtime/error.hpp"

namespace sheaf::fetch {

void run_shelf::put(const std::string& id, shelved_run run) {
    auto shared = std::make_shared<const shelved_run>(std::move(run));
    const std::lock_guard held(door_);
    runs_.insert_or_assign(id, std::move(shared));
}

bool run_shelf::remove(const std::string& id) {
    const std::lock_guard held(door_);
    return runs_.erase(id) > 0;
}

std::shared_ptr<const shelved_run> run_shelf::find(const std::string& id) const {
    const std::lock_guard held(door_);
    const auto found = runs_.find(id);
    return found == runs_.end() ? nullptr : found->second;
}

unique_fd open_directory(const std::string& path) {
    unique_fd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory) {
        throw runtime_failure(
            {errc::io_error, "cannot open the directory " + path + ": " + std::generic_category().message(errno)});
    }
    return directory;
}

}  // namespace sheaf::fetch
