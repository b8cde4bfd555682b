// A place where a map/reduce example runs: inputs, outputs and temporary files of its own.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

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

    friend std::ostream& operator<<(std::ostream& out, const run_shape& of) {
        out << of.workers << "_workers_" << of.memory << "_" << of.partitions << "_partitions_of_" << of.split;
        for (const std::string& flag : of.flags) out << "_" << flag.substr(flag.find_first_not_of('-'));
        return out;
    }
};

class map_reduce_place {
  public:
    map_reduce_place() { std::filesystem::create_directory(scratch_ / "tmp"); }

    [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }
    std::string add_input(const std::string& name, std::string_view text) const {
        std::filesystem::create_directories((scratch_ / name).parent_path());
        std::ofstream file(scratch_ / name, std::ios::binary);
        file.write(text.data(), static_cast<std::streamsize>(text.size()));
        return path(name);
    }
    /// Runs build/bin/examples/NAME. Gives its exit code; what it said is in errors().
    int run(const std::string& example, const run_shape& shape, std::vector<std::string> arguments) {
        std::vector<std::string> line{
            program("examples/" + example),   "--output", path("output"), "--memory", shape.memory, "--partitions",
            std::to_string(shape.partitions), "--split",  shape.split};
        line.insert(line.end(), shape.flags.begin(), shape.flags.end());
        line.insert(line.end(), arguments.begin(), arguments.end());
        process child(command{
            std::move(line),
            {"SHEAF_WORKERS=" + std::to_string(shape.workers), "SHEAF_TMPDIR=" + path("tmp"), "SHEAF_SERVER="}});
        (void)child.read_all(std::chrono::minutes(2));
        const int status = child.wait().value_or(-1);
        errors_ = child.error_output();
        return status;
    }
    [[nodiscard]] const std::string& errors() const noexcept { return errors_; }

    /// The output file, or all files of the output directory in the order of their names.
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
    /// Whether nothing is left of any run but its output.
    [[nodiscard]] bool is_clean() const {
        for (const auto& user : std::filesystem::directory_iterator(scratch_ / "tmp")) {
            if (!std::filesystem::is_empty(user)) return false;
        }
        return true;
    }

  private:
    scratch_directory scratch_;
    std::string errors_;
};

}  // namespace sheaf::test
