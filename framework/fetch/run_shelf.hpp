// The runs whose files an exchange server gives out.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/unique_fd.hpp"

namespace sheaf::fetch {

/// What may be read of one run, and by whom.
struct shelved_run {
    std::string secret;                      ///< who shows it may read
    unique_fd directory;                     ///< its files, and nothing below
    std::unordered_set<std::string> inputs;  ///< paths outside of it, each as it is
};

/// Any thread. What is being read of a run stays open when the run is taken away.
class run_shelf {
  public:
    /// Replaces a run of the same id.
    void put(const std::string& id, shelved_run run);
    /// Whether it was there.
    bool remove(const std::string& id);
    /// Null when there is none.
    [[nodiscard]] std::shared_ptr<const shelved_run> find(const std::string& id) const;

  private:
    mutable std::mutex door_;
    std::unordered_map<std::string, std::shared_ptr<const shelved_run>> runs_;
};

/// The directory at `path`, for reading the files in it. Throws runtime_failure.
[[nodiscard]] unique_fd open_directory(const std::string& path);

}  // namespace sheaf::fetch
