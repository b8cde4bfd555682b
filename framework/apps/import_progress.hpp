// How far `sheaf queue import` has come, in a small file beside the one that it reads.
#pragma once

#include <cstdint>
#include <string>

namespace sheaf::apps {

/// Of one file and one server.
class import_progress {
  public:
    /// Beside `file`; what was noted for another server than `server` counts as nothing. Throws runtime_failure when what is there
    /// is no such note.
    import_progress(const std::string& file, std::string server);

    /// The last row up to which all are at the server; 0 when none is.
    [[nodiscard]] std::int64_t row() const noexcept { return row_; }
    /// Notes that it is `row`, and returns when the disk has it. Throws runtime_failure.
    void note(std::int64_t row);
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    std::string path_;
    std::string server_;
    std::int64_t row_ = 0;
};

}  // namespace sheaf::apps
