// Which files a run reads: the files and directories a user named, walked once, before any work starts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sheaf/detail/byte_reader.hpp>
#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// A regular file that could be opened for reading when it was looked at; or an address, which could be as well.
struct input_file {
    std::string path{};  ///< absolute
    std::uint64_t size = 0;
    std::string tag{};  ///< what tells this state of it from others: see range_reader::tag

    friend bool operator==(const input_file&, const input_file&) = default;
};

struct input_list {
    std::vector<input_file> files;
    std::uint64_t skipped =
        0;  ///< met in directories and not readable as files: FIFOs, devices, sockets, dangling links
};

/// Finds the regular files behind `paths`, in that order; a directory's entries come sorted by name, sub-directories
/// where their name sorts.
///
/// A path that does not exist and has `*`, `?` or `[` in it is a pattern: see path_pattern.hpp. What fits it is read as if it had been
/// named. Addresses are asked for their size, through `open`.
///
/// A path that is named may be a file, a directory, or a symbolic link to either; anything else is an error, for it
/// cannot be split. Named twice is read twice. Within a directory, symbolic links to regular files are followed and links
/// to directories are not, so a walk ends whatever the links say; what is neither a file nor a directory is skipped
/// unopened, and counted. A file or directory that cannot be read is an error (errc::io_error): counting "almost
/// everything" would be wrong without saying so.
[[nodiscard]] basic_result<input_list, error> walk_inputs(const std::vector<std::string>& paths,
                                                          const remote_opener& open = {});

}  // namespace sheaf::detail
