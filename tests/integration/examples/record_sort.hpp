// The example recordsort over many records, watched from outside: what each of its processes takes of memory.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <sys/types.h>
#include <vector>

#include <gtest/gtest.h>

#include "integration/map_reduce/process_tree.hpp"
#include "support/process.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {

/// The most memory that a process has had at any time, in bytes: all of it, mapped files included.
inline std::uint64_t peak_memory_of(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
    }
    return 0;
}

class record_sort : public testing::Test {
  protected:
    static constexpr std::uint64_t mebi = 1U << 20;

    record_sort() { std::filesystem::create_directory(place_ / "tmp"); }

    void make_records(std::uint64_t count) const {
        std::mt19937_64 random(count);
        std::ofstream file(place_ / "records", std::ios::binary);
        std::string record(100, '.');
        for (std::uint64_t i = 0; i < count; ++i) {
            for (std::size_t at = 0; at < 10; ++at) record[at] = static_cast<char>(' ' + random() % 95);
            const std::string number = std::to_string(i);
            record.replace(20, number.size(), number);
            file << record;
        }
    }
    /// Sorts, and expects what must be: all records, in order, and no process that takes more than `budget` and 64 MiB.
    void expect_sorted_within(std::uint64_t budget, const std::vector<std::string>& options) {
        std::vector<std::string> line{program("examples/recordsort"), "--output",   place_ / "sorted", "--memory",
                                      std::to_string(budget),         "--overwrite"};
        line.insert(line.end(), options.begin(), options.end());
        line.push_back(place_ / "records");
        process driver(
            command{line, {"SHEAF_WORKERS=2", "SHEAF_SERVER=", "SHEAF_TMPDIR=" + (place_ / "tmp").string()}});
        std::map<pid_t, std::uint64_t> peaks;
        while (!driver.wait(std::chrono::milliseconds(10))) {
            peaks[driver.pid()] = peak_memory_of(driver.pid());
            for (const pid_t worker : descendants_of(driver.pid()))
                peaks[worker] = std::max(peaks[worker], peak_memory_of(worker));
        }
        ASSERT_EQ(driver.wait(), 0) << driver.error_output();
        EXPECT_GE(peaks.size(), 3U) << "the workers were not seen";
        for (const auto& [process, peak] : peaks) EXPECT_LE(peak, budget + 64 * mebi) << "process " << process;
        EXPECT_EQ(validation_of("sorted", 0), validation_of("records", 1)) << "other records, or not in order";
    }

  private:
    // What the example's validator says of a file, but how much is out of order; that decides how it ends.
    [[nodiscard]] std::string validation_of(const std::string& file, int status) const {
        process validator({program("examples/recordsort"), "--validate", place_ / file});
        std::string said = validator.read_all(std::chrono::minutes(5));
        EXPECT_EQ(validator.wait(), status) << file << ": " << said;
        const std::size_t order = said.find(" out_of_order");
        const std::size_t checksum = said.find(" checksum");
        return said.substr(0, order) + (checksum == std::string::npos ? "" : said.substr(checksum));
    }

    scratch_directory place_;
};

}  // namespace sheaf::test
