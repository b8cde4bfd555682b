// The directory that a run leaves behind: all of its files or none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "output/leased_directory.hpp"
#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// The output of a run in the making. Reduce attempts write to staging(), beside the final place and so on the same file system;
/// accept() makes one attempt's file the partition's; publish() makes all of them appear under the final name by one rename.
/// Destroyed before that, nothing of it remains; when the process is killed, the next run with the same output sweeps up.
class output_directory {
  public:
    /// Claims nothing yet, but fails when `name` exists already or could not be made.
    [[nodiscard]] static basic_result<output_directory, error> prepare(const std::string& name,
                                                                       const std::string& run_id);

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return final_; }
    [[nodiscard]] const std::filesystem::path& staging() const noexcept { return staging_.path(); }

    /// Takes `file`, a name within staging(), as the output of `partition`. Once for each partition.
    [[nodiscard]] basic_result<void, error> accept(std::uint32_t partition, const std::string& file);
    /// Writes everything to the disk and gives it its final name. Returns the files' names, sorted.
    [[nodiscard]] basic_result<std::vector<std::string>, error> publish();

  private:
    output_directory(std::filesystem::path final, leased_directory staging)
        : final_(std::move(final)), staging_(std::move(staging)) {}
    [[nodiscard]] std::filesystem::path parts() const { return staging_.path() / "output"; }

    std::filesystem::path final_;
    leased_directory staging_;
    std::vector<std::string> files_;
};

}  // namespace sheaf::detail
