// A place where a map/reduce example runs: its output and temporary files.
#pragma once

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "integration/examples/example_cases.hpp"
#include "support/process.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {

/// How an example is run.
struct run_shape {
    unsigned workers = 2;
    std::string memory = "64M";
    unsigned partitions = 4;
    std::string split = "64K";
    std::vector<std::string> flags{};
    bool combined = true;  ///< as the example is; otherwise by a program that does not combine, if it does
    bool chaos = false;    ///< workers are killed and stopped, segments spoiled

    friend std::ostream& operator<<(std::ostream& out, const run_shape& of) {
        out << of.workers << "_workers_" << of.memory << "_" << of.partitions << "_partitions_of_" << of.split;
        for (const std::string& flag : of.flags) out << "_" << flag.substr(flag.find_first_not_of('-'));
        return out << (of.combined ? "" : "_uncombined") << (of.chaos ? "_in_chaos" : "");
    }
};

class map_reduce_place {
  public:
    map_reduce_place() { std::filesystem::create_directory(scratch_ / "tmp"); }

    /// What runs the example in this shape.
    [[nodiscard]] command line(const example_case& what, const run_shape& shape) const {
        const bool uncombined = !shape.combined && !what.uncombined.empty();
        std::vector<std::string> words{program(uncombined ? what.uncombined : what.program),
                                       "--output",
                                       scratch_ / "output",
                                       "--memory",
                                       shape.memory,
                                       "--partitions",
                                       std::to_string(shape.partitions),
                                       "--split",
                                       shape.split};
        words.insert(words.end(), shape.flags.begin(), shape.flags.end());
        words.insert(words.end(), what.arguments.begin(), what.arguments.end());
        return {std::move(words),
                {"SHEAF_WORKERS=" + std::to_string(shape.workers), "SHEAF_TMPDIR=" + (scratch_ / "tmp").string(),
                 "SHEAF_SERVER="}};
    }
    /// Where runs keep temporary files.
    [[nodiscard]] std::filesystem::path runs() const {
        return scratch_ / "tmp" / ("sheaf-" + std::to_string(::geteuid()));
    }

    /// Waits for the end, and expects the right output and nothing else.
    void expect_right(process& driver, const example_case& what) const {
        (void)driver.read_all(std::chrono::minutes(2));
        ASSERT_EQ(driver.wait(), 0) << driver.error_output();
        what.expect(output());
        EXPECT_TRUE(is_clean());
    }

  private:
    // The output file, or all files of the output directory in the order of their names.
    [[nodiscard]] std::string output() const {
        const std::filesystem::path at = scratch_ / "output";
        if (!std::filesystem::is_directory(at)) return read_file(at);
        std::vector<std::filesystem::path> parts;
        for (const auto& one : std::filesystem::directory_iterator(at)) parts.push_back(one.path());
        std::ranges::sort(parts);
        std::string all;
        for (const auto& one : parts) all += read_file(one);
        return all;
    }
    [[nodiscard]] bool is_clean() const {
        for (const auto& user : std::filesystem::directory_iterator(scratch_ / "tmp")) {
            if (!std::filesystem::is_empty(user)) return false;
        }
        return true;
    }

    scratch_directory scratch_;
};

}  // namespace sheaf::test
