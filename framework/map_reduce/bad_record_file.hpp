// The file in which a run lists the records that it has left out.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "map_reduce/run_account.hpp"
#include "output/leased_directory.hpp"
#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/failure.hpp>
#include <sheaf/map_reduce_options.hpp>

namespace sheaf::detail {

/// One line, for people and for cut(1): place, offset, length, reason and bytes, tabs between them. In the texts, backslash, tab,
/// newline and what is not printable are escaped as in C.
[[nodiscard]] std::string bad_record_line(const bad_record& what);

/// Where a run with this output lists them: what the user says, or beside the output. Empty: nowhere but in its report.
[[nodiscard]] std::filesystem::path bad_records_path(const map_reduce_options& how,
                                                     const std::filesystem::path& output);

/// Before a run does anything: whether it may write the list to `path` in the end. Removes what killed runs have left beside it.
[[nodiscard]] basic_result<void, error> check_bad_records_path(const std::filesystem::path& path, bool overwrite);

/// The list, on its way to its name, which it gets just before the output gets its own. Written to a leased directory beside its place, so
/// that nothing of it stays when this goes, or the process is killed.
class bad_record_file {
  public:
    /// Writes all bad records of `account` for `path`. Nothing is made when there are none, or `path` is empty.
    [[nodiscard]] static basic_result<bad_record_file, error> write(const run_account& account,
                                                                    const std::filesystem::path& path, bool overwrite);
    bad_record_file(bad_record_file&& other) noexcept = default;
    bad_record_file& operator=(bad_record_file&&) = delete;
    /// Unless it is to be kept, it is not there any more, and what it replaced is.
    ~bad_record_file();

    /// Gives it its name.
    [[nodiscard]] basic_result<void, error> publish();
    /// It stays. Returns its name; empty when there is no file.
    [[nodiscard]] std::string keep() noexcept;

  private:
    struct place {
        leased_directory directory;
        std::filesystem::path final;
        bool overwrite = false;
        bool is_published = false;
        bool has_replaced = false;  ///< what was there before is in the directory

        [[nodiscard]] std::filesystem::path pending() const { return directory.path() / "list"; }
    };
    explicit bad_record_file(std::unique_ptr<place> at) : at_(std::move(at)) {}
    void take_back() noexcept;

    std::unique_ptr<place> at_;  // none: there is no file
};

}  // namespace sheaf::detail
