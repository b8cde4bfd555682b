// Where a run keeps what its workers exchange.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "output/leased_directory.hpp"
#include "output/run_root.hpp"
#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// Sixteen hexadecimal digits that no other run has.
[[nodiscard]] std::string make_run_id();

/// The directory of one run, run-<id>, readable by this user only, with a file "nonce" that tells a worker whether it sees the
/// same directory as the driver. Removed with the object, and by any later run when this process is killed.
class run_directory {
  public:
    /// Makes it below `root`, and sweeps what killed runs have left there.
    [[nodiscard]] static basic_result<run_directory, error> make(const std::filesystem::path& root,
                                                                 const std::string& id);

    /// Takes over what a killed run has left at `path`. Nothing when that is not there, has an owner, or is no run's.
    [[nodiscard]] static std::optional<run_directory> take_over(const std::filesystem::path& path);

    /// See leased_directory.
    void keep_when_killed() const { directory_.keep_when_killed(); }
    void leave() noexcept { directory_.leave(); }
    /// Removes a file in it, if it is there. Anything but the name of one is ignored.
    void remove(const std::string& file) const;

    /// Where the run's journal is.
    [[nodiscard]] std::filesystem::path journal() const { return path() / "journal"; }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return directory_.path(); }
    [[nodiscard]] const std::string& nonce() const noexcept { return nonce_; }

  private:
    run_directory(leased_directory directory, std::string nonce)
        : directory_(std::move(directory)), nonce_(std::move(nonce)) {}

    leased_directory directory_;
    std::string nonce_;
};

}  // namespace sheaf::detail
