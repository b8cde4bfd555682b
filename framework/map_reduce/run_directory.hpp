// Where a run keeps what its workers exchange.
#pragma once

#include <filesystem>
#include <string>

#include "output/leased_directory.hpp"
#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// Sixteen hexadecimal digits that no other run has.
[[nodiscard]] std::string make_run_id();

/// The directory below which this user's runs live: ${SHEAF_TMPDIR:-${TMPDIR:-/tmp}}/sheaf-<uid>, made when it is not
/// there. Refused when it belongs to somebody else, or is not a directory.
[[nodiscard]] basic_result<std::filesystem::path, error> run_directories_root();

/// The directory of one run, run-<id>, readable by this user only, with a file "nonce" that tells a worker whether it sees the
/// same directory as the driver. Removed with the object, and by any later run when this process is killed.
class run_directory {
  public:
    /// Makes it below `root`, and sweeps what killed runs have left there.
    [[nodiscard]] static basic_result<run_directory, error> make(const std::filesystem::path& root,
                                                                 const std::string& id);

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return directory_.path(); }
    [[nodiscard]] const std::string& nonce() const noexcept { return nonce_; }

  private:
    run_directory(leased_directory directory, std::string nonce)
        : directory_(std::move(directory)), nonce_(std::move(nonce)) {}

    leased_directory directory_;
    std::string nonce_;
};

}  // namespace sheaf::detail
