// Processes that see another time of day than the kernel's, by libfaketime.
#pragma once

#include <filesystem>
#include <semaphore.h>
#include <string>
#include <sys/mman.h>
#include <sys/types.h>
#include <system_error>
#include <vector>

#include "support/deadline.hpp"

namespace sheaf::test {

/// What LD_PRELOAD has to name. Throws where it is not installed.
inline std::string faketime_library() {
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib")) {
        const auto library = entry.path() / "faketime/libfaketime.so.1";
        std::error_code fault;
        if (std::filesystem::exists(library, fault)) return library.string();
    }
    throw peer_failure("libfaketime is not installed");
}

/// Removes what libfaketime has in shared memory for processes that are killed, and so cannot do it. To be destroyed after them.
class faked_processes {
  public:
    faked_processes() = default;
    faked_processes(const faked_processes&) = delete;
    faked_processes& operator=(const faked_processes&) = delete;
    ~faked_processes() {
        for (const std::string& one : all_) {
            ::shm_unlink(("/faketime_shm_" + one).c_str());
            ::sem_unlink(("/faketime_sem_" + one).c_str());
        }
    }

    void add(pid_t one) { all_.push_back(std::to_string(one)); }

  private:
    std::vector<std::string> all_;
};

}  // namespace sheaf::test
