// What one run keeps for the next.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <sheaf/input.hpp>

namespace sheaf {

/// Keys and values that a run has left where workers can read them: the result of a run with `.output = sheaf::kept()`. A handle: the
/// files are removed with the last copy of it, and of the inputs made of it; or by the next run of anything, when this process is
/// killed. They lie below SHEAF_TMPDIR, which driver and workers share.
///
/// A mapper reads it as a pair_split<K, V>, map_each() as keys and values.
class dataset {
  public:
    /// None: a run cannot read it.
    dataset() = default;

    /// Files, one for each partition.
    [[nodiscard]] std::size_t size() const noexcept { return files_.size(); }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

    operator input() const;  // NOLINT(google-explicit-constructor): .input = last.dataset

    /// For Sheaf. `owner`: what removes the files.
    dataset(std::vector<std::string> files, std::uint64_t bytes, std::string schema, std::shared_ptr<const void> owner)
        : files_(std::move(files)), bytes_(bytes), schema_(std::move(schema)), owner_(std::move(owner)) {}

  private:
    std::vector<std::string> files_;
    std::uint64_t bytes_ = 0;
    std::string schema_;
    std::shared_ptr<const void> owner_;
};

}  // namespace sheaf
