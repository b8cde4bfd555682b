// The file in which a run lists the records that it has left out.
#pragma once

#include <filesystem>
#include <string>

#include "map_reduce/run_account.hpp"
#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// One line, for people and for cut(1): place, offset, length, reason and bytes, tabs between them. In the texts, backslash, tab,
/// newline and what is not printable are escaped as in C.
[[nodiscard]] std::string bad_record_line(const bad_record& what);

/// Being written under another name; goes away unless it is kept.
class bad_record_file {
  public:
    /// Writes all bad records of `account` for `path`. Nothing is made when there are none, or `path` is empty.
    [[nodiscard]] static basic_result<bad_record_file, error> write(const run_account& account,
                                                                    const std::filesystem::path& path);
    bad_record_file(bad_record_file&& other) noexcept;
    bad_record_file& operator=(bad_record_file&&) = delete;
    ~bad_record_file();

    /// Gives it its name, in place of an older file. Returns that; empty when there is no file.
    [[nodiscard]] basic_result<std::string, error> keep();

  private:
    bad_record_file(std::filesystem::path path, std::filesystem::path pending)
        : path_(std::move(path)), pending_(std::move(pending)) {}

    std::filesystem::path path_;
    std::filesystem::path pending_;  // empty: there is none
};

}  // namespace sheaf::detail
