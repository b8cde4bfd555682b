// What a run leaves behind, while it is being made: all of it or nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "output/file_joiner.hpp"
#include "output/leased_directory.hpp"
#include "output/part_content.hpp"
#include <sheaf/dataset.hpp>
#include <sheaf/detail/common_file.hpp>
#include <sheaf/failure.hpp>
#include <sheaf/output.hpp>

namespace sheaf::detail {

/// How an output is made ready.
struct output_settings {
    std::string run_id;
    std::filesystem::path scratch;  ///< where what is nobody's directory goes: below SHEAF_TMPDIR
    bool overwrite = false;
};

/// What there is when a run has succeeded.
struct published_output {
    std::string path;                ///< absolute; empty when the output has no name
    std::vector<std::string> files;  ///< in it, sorted; of a single file its name
    sheaf::dataset kept;
};

/// Which file or directory something is, whatever it is called.
struct file_number {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;

    friend bool operator==(const file_number&, const file_number&) = default;
};

/// The output of a run in the making. Attempts write to staging(); accept() makes one attempt's file a part of the output;
/// publish() makes all of them appear by one rename. Destroyed before that, nothing of it remains; when the process is
/// killed, the next run with the same output sweeps up.
class run_output {
  public:
    /// Claims nothing yet, but fails when the output exists already, unless it is to be overwritten and is one, or could not be
    /// made.
    [[nodiscard]] static basic_result<run_output, error> prepare(const output& what, const output_settings& how);

    /// Takes over what a killed run has left in `staging`, which is all the same output. `sealed`: what the killed run was about
    /// to publish, if it came so far. Nothing when it is not there any more or has an owner; fails where prepare() would, so that
    /// nobody throws away what only cannot be put in its place.
    [[nodiscard]] static basic_result<std::optional<run_output>, error> take_over(
        const output& what, const output_settings& how, const std::filesystem::path& staging,
        const std::optional<file_number>& sealed);
    /// The absolute path that an output will have; empty when it has no name.
    [[nodiscard]] static basic_result<std::filesystem::path, error> place_of(const output& what);

    /// See leased_directory. All parts then stay until the output has its name, so that another driver can begin there; what joins
    /// them to a single file needs their space a second time.
    void keep_when_killed();
    void leave() noexcept;
    /// Where it will be. Empty when it has no name.
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return final_; }
    /// Where attempts write: on the file system of the final place.
    [[nodiscard]] const std::filesystem::path& staging() const noexcept { return staging_->path(); }
    /// Records are keys and values of this type, which typed files say of themselves.
    void set_schema(std::string schema) { worker_format_.schema = std::move(schema); }
    /// How they write.
    [[nodiscard]] const output_format& format() const noexcept { return worker_format_; }

    /// Takes `file`, a name within staging(), as part `index`. Once for each part.
    [[nodiscard]] basic_result<void, error> accept(std::uint32_t index, const std::string& file);
    /// The same of a part that an attempt has written to its place in the common file.
    [[nodiscard]] basic_result<void, error> accept(std::uint32_t index, const file_range& range);
    /// Of an output that was taken over: it has its name already, and all its parts.
    [[nodiscard]] bool is_published() const noexcept { return is_published_; }
    /// What there is of a part that had been accepted, with a file or in its place; ...
    [[nodiscard]] std::optional<part_content> content_of(std::uint32_t index,
                                                         const std::optional<file_range>& range) const;
    /// ... that it counts; ...
    void restore(std::uint32_t index, const std::optional<file_range>& range = {});
    /// ... and that it does not: the file has the name again by which it was accepted, if it had been.
    void take_back(std::uint32_t index, const std::string& file) const;
    /// Removes a file of an attempt that nobody waits for, if it is there.
    void discard(const std::string& file) const;
    /// Writes everything to the disk, and says which file or directory publish() will give its name; nothing for outputs without a
    /// name. When it fails and wants_space(), it may be called again, and goes on where there was none.
    [[nodiscard]] basic_result<std::optional<file_number>, error> seal();
    [[nodiscard]] bool wants_space() const noexcept { return wants_space_; }
    /// Puts the output in its place. Once, after seal(), and last. What a sink of the user's throws passes.
    [[nodiscard]] basic_result<published_output, error> publish();

  private:
    run_output(output what, std::filesystem::path final, leased_directory staging, bool overwrite);

    [[nodiscard]] std::filesystem::path parts() const { return staging() / "output"; }
    [[nodiscard]] basic_result<void, error> publish_directory();
    [[nodiscard]] basic_result<void, error> publish_file();
    [[nodiscard]] std::filesystem::path joined() const { return staging() / "joined"; }
    [[nodiscard]] std::filesystem::path common() const { return staging() / common_file_name; }
    [[nodiscard]] bool has_place(const file_range& range) const;
    void fill_gaps();
    [[nodiscard]] bool fill(std::uint32_t index, const file_range& gap) const;
    [[nodiscard]] bool is_in_place() const;
    [[nodiscard]] std::vector<joined_piece> pieces() const;
    [[nodiscard]] basic_result<void, error> join();
    [[nodiscard]] basic_result<void, error> hand_over() const;
    [[nodiscard]] dataset keep();

    output what_;
    std::filesystem::path final_;
    std::shared_ptr<leased_directory> staging_;  // shared with the dataset that it may become
    bool overwrite_;
    output_format worker_format_;
    std::vector<std::string> files_;
    std::map<std::uint32_t, file_range> ranges_;  // of parts in the common file
    std::optional<file_joiner> joiner_;           // of a single file, while it is sealed
    std::filesystem::path whole_;                 // of a single file: all of it, once it is sealed
    bool keeps_parts_ = false;                    // until the output has its name
    bool wants_space_ = false;
    bool is_published_ = false;  // by the run that was taken over
};

}  // namespace sheaf::detail
