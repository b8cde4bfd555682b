// Jobs run in this process: their workers are threads, all else is as between machines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <sstream>
#include <stdlib.h>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/scratch_directory.hpp"
#include <sheaf/app.hpp>
#include <sheaf/inputs.hpp>
#include <sheaf/map_reduce.hpp>

namespace sheaf::test {

/// A place for inputs and outputs, and a cluster over the jobs that a test binds.
class in_process : public testing::Test {
  protected:
    in_process() {
        std::filesystem::create_directory(place / "tmp");
        ::setenv("SHEAF_TMPDIR", (place / "tmp").c_str(), 1);
    }
    ~in_process() override { ::unsetenv("SHEAF_TMPDIR"); }

    std::string input_file(const std::string& name, std::string_view text) { return write_file(place / name, text); }
    [[nodiscard]] std::string output(const std::string& name = "out") const { return place / name; }

    /// All parts of an output, one after the other.
    static std::string content_of(const map_reduce_report& report) {
        std::string all;
        for (const std::string& file : report.files) {
            const std::filesystem::path path(report.output);
            all += read_file(std::filesystem::is_directory(path) ? path / file : path);
        }
        return all;
    }
    static std::vector<std::string> lines_of(const std::string& text) {
        std::vector<std::string> lines;
        std::istringstream from(text);
        for (std::string line; std::getline(from, line);) lines.push_back(line);
        return lines;
    }
    static std::vector<std::string> sorted_lines(const map_reduce_report& report) {
        std::vector<std::string> lines = lines_of(content_of(report));
        std::sort(lines.begin(), lines.end());
        return lines;
    }
    /// What is left of runs below SHEAF_TMPDIR.
    [[nodiscard]] std::size_t leftovers() const {
        std::size_t found = 0;
        for (const auto& root : std::filesystem::directory_iterator(place / "tmp")) {
            for (const auto& one : std::filesystem::directory_iterator(root)) {
                if (one.is_directory()) ++found;
            }
        }
        return found;
    }

    scratch_directory place;
    app jobs{"jobs"};
};

}  // namespace sheaf::test
