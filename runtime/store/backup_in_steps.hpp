// The backup that somebody asked for: made a little at a time, between batches, and answered when it is done.
#pragma once

#include <filesystem>
#include <optional>

#include "store/batch_answers.hpp"
#include "store/sqlite_backup.hpp"
#include "store/store.hpp"

namespace sheaf::store {

class backup_in_steps {
  public:
    /// Copies go to `directory`, which is made if need be. All but that must outlive it.
    backup_in_steps(sqlite_file& source, std::filesystem::path directory, const batch_answers& tell);

    void begin(ticket name, const backup& what);
    [[nodiscard]] bool is_running() const noexcept { return running_.has_value(); }
    void go_on();
    /// Nothing is left of the copy, and nobody is told.
    void give_up() noexcept { running_.reset(); }

  private:
    struct named_copy {
        ticket name = 0;
        sqlite_backup copy;
    };

    sqlite_file& source_;
    std::filesystem::path directory_;
    const batch_answers& tell_;
    std::optional<named_copy> running_;
};

}  // namespace sheaf::store
