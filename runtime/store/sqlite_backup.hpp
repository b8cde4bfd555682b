// A copy of a file of jobs that is made while the file is in use, a little at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "store/sqlite_file.hpp"

struct sqlite3_backup;

namespace sheaf::store {

/// What is changed in the file meanwhile is changed in the copy, too, since both are this thread's. All members throw
/// sqlite_failure. A copy that is not finished leaves nothing.
class sqlite_backup {
  public:
    /// `source` must outlive it; `target` must not be there.
    sqlite_backup(sqlite_file& source, std::filesystem::path target);
    ~sqlite_backup();
    sqlite_backup(sqlite_backup&&) = default;
    sqlite_backup& operator=(sqlite_backup&&) = delete;

    /// Copies some more. True when all is there, is on the disk and has its name.
    [[nodiscard]] bool go_on();

    [[nodiscard]] const std::filesystem::path& target() const noexcept { return target_; }
    [[nodiscard]] std::uint64_t bytes() const;

  private:
    void finish();

    struct closer {
        void operator()(sqlite3_backup* one) const noexcept;
    };
    std::filesystem::path target_;
    std::filesystem::path unfinished_;  ///< the name until then; empty when it is finished
    std::unique_ptr<sqlite_file> copy_;
    std::unique_ptr<sqlite3_backup, closer> copier_;
};

}  // namespace sheaf::store
