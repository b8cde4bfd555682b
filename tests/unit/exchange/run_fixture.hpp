// A run's directory with input files, and running map and reduce attempts over them as a driver would.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "support/random_text.hpp"
#include "support/scratch_directory.hpp"
#include <sheaf/detail/map_attempt.hpp>
#include <sheaf/detail/reduce_attempt.hpp>

namespace sheaf::test {

namespace fs = std::filesystem;

inline std::size_t files_in(const fs::path& directory) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

/// How a run's attempts are made.
struct run_shape {
    std::uint32_t partitions = 3;
    std::uint64_t split_bytes = 1000;
    std::uint64_t memory_budget = 1 << 20;
    std::size_t pieces_per_split = 1;
};

/// A run over input files; `run` and `output` are its directories.
class run_fixture {
  public:
    run_fixture() {
        fs::create_directories(run());
        fs::create_directories(output());
        write_file(run() / "nonce", nonce);
    }

    [[nodiscard]] fs::path run() const { return directory_.path() / "run"; }
    [[nodiscard]] fs::path output() const { return directory_.path() / "output"; }

    /// Adds an input file.
    std::string add_input(std::string_view content) {
        const fs::path path = directory_.path() / ("input-" + std::to_string(inputs_.size()));
        write_file(path, content);
        inputs_.push_back(path);
        return path;
    }

    [[nodiscard]] detail::map_assignment assignment(std::vector<detail::input_piece> pieces, const run_shape& shape,
                                                    std::uint32_t index = 0) const {
        return {.run_directory = run(),
                .run_nonce = nonce,
                .index = index,
                .attempt = 1,
                .partitions = shape.partitions,
                .memory_budget = shape.memory_budget,
                .pieces = std::move(pieces),
                .formats = {{}}};
    }
    [[nodiscard]] detail::reduce_assignment reduction(std::uint32_t partition, std::vector<std::string> files,
                                                      const run_shape& shape) const {
        return {.run_directory = run(),
                .run_nonce = nonce,
                .partition = partition,
                .partitions = shape.partitions,
                .attempt = 1,
                .memory_budget = shape.memory_budget,
                .files = std::move(files),
                .output_directory = output()};
    }

    [[nodiscard]] static detail::input_piece whole(const std::string& path) {
        const std::uint64_t size = fs::file_size(path);
        return {path, 0, size, size};
    }

    /// All inputs cut into pieces of shape.split_bytes, dealt out to splits.
    [[nodiscard]] std::vector<detail::map_assignment> plan(const run_shape& shape) const {
        std::vector<detail::map_assignment> splits;
        std::vector<detail::input_piece> pieces;
        const auto close = [&] {
            const auto index = static_cast<std::uint32_t>(splits.size());
            if (!pieces.empty()) splits.push_back(assignment(std::move(pieces), shape, index));
            pieces = {};
        };
        for (const std::string& path : inputs_) {
            const std::uint64_t size = fs::file_size(path);
            for (std::uint64_t at = 0; at == 0 || at < size; at += shape.split_bytes) {
                pieces.push_back({path, at, std::min(shape.split_bytes, size - at), size});
                if (pieces.size() == shape.pieces_per_split) close();
            }
        }
        close();
        return splits;
    }

    static constexpr const char* nonce = "the run's nonce";

  private:
    scratch_directory directory_;
    std::vector<std::string> inputs_;
};

}  // namespace sheaf::test
