// Which of gearmand's rows `sheaf queue import` has brought to which server, in a small database beside gearmand's.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "apps/gearmand_queue.hpp"
#include "store/sqlite_file.hpp"

namespace sheaf::apps {

/// A row, whatever else comes to its place later: gearmand gives places again.
struct row_name {
    std::int64_t row = 0;
    std::array<char, 16> content{};  ///< a hash of all its columns

    [[nodiscard]] static row_name of(const gearmand_job& job);
    friend bool operator==(const row_name&, const row_name&) = default;
};

/// Of the rows of one table, and one server's queue. All members but the first throw runtime_failure; what changes is on the disk
/// when they return.
class import_marks {
  public:
    enum class mark : std::uint8_t {
        none,
        sent,   ///< it may be there: the import was killed, or the connection lost, before its answer
        taken,  ///< it is there, or was
    };

    struct note {
        mark how = mark::none;
        std::chrono::system_clock::time_point before{};  ///< the row was sent after that, by the server's clock
    };

    /// In `file` + ".imported". Throws when that is something else, or another import is using it.
    import_marks(const std::string& file, const std::string& table, const std::string& queue);

    [[nodiscard]] note of(const row_name& which);
    void set(std::span<const row_name> those, const note& what);
    /// The rows behind `from` and before `to` are not in gearmand's table any more. What comes to their place is new.
    void forget_between(std::int64_t from, std::int64_t to);
    /// All of this queue.
    void forget_all();

  private:
    void set(const row_name& which, const note& what);
    [[noreturn]] void fail(const store::sqlite_failure& why) const;

    std::string path_;
    std::optional<store::sqlite_file> file_;
    std::int64_t target_ = 0;  ///< the number of this table and queue in the file
};

}  // namespace sheaf::apps
