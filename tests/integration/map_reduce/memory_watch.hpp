// The most memory that a run's processes took.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <sys/types.h>

#include "process_tree.hpp"
#include "support/process.hpp"

namespace sheaf::test {

/// Anonymous and shared memory of a process, in bytes: what it takes from others. Pages of mapped files that nobody has
/// changed do not count; the system takes them back when it needs them.
inline std::uint64_t memory_taken_by(pid_t process) {
    std::ifstream smaps("/proc/" + std::to_string(process) + "/smaps_rollup");
    std::uint64_t kib = 0;
    std::string line;
    while (std::getline(smaps, line)) {
        for (const char* kind : {"Anonymous:", "Pss_Shmem:"}) {
            if (line.starts_with(kind)) kib += std::stoull(line.substr(std::string(kind).size()));
        }
    }
    return kib * 1024;
}

struct memory_peaks {
    std::uint64_t together = 0;
    std::uint64_t largest = 0;  ///< of one process
};

/// Waits for the program's end, and looks at it and what it has started all the while.
inline memory_peaks watch_memory(process& driver) {
    memory_peaks peaks;
    while (!driver.wait(std::chrono::milliseconds(20))) {
        std::uint64_t together = 0;
        const auto add = [&](pid_t one) {
            const std::uint64_t taken = memory_taken_by(one);
            together += taken;
            peaks.largest = std::max(peaks.largest, taken);
        };
        add(driver.pid());
        for (const pid_t worker : descendants_of(driver.pid())) add(worker);
        peaks.together = std::max(peaks.together, together);
    }
    return peaks;
}

}  // namespace sheaf::test
