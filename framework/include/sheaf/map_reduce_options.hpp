// How a map/reduce run is made: its input, its output, and what may be tuned.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <sheaf/failure.hpp>

namespace sheaf {

/// Text files, read line by line. Made by text_files().
struct text_input {
    std::vector<std::string> paths;
};

/// The files and directories at `paths`. Directories are read with all that is below them, in the order of names. They are
/// looked at when the run starts: one that is missing or cannot be read fails it at once.
///
/// A symbolic link that is named is followed; in a directory, links to files are followed and links to directories are not. FIFOs,
/// devices and sockets are an error when named, and skipped (and counted) in a directory. Named twice is read twice.
[[nodiscard]] inline text_input text_files(std::vector<std::string> paths) { return {std::move(paths)}; }

/// Aggregate: name what differs from the defaults.
struct map_reduce_options {
    text_input input{};
    /// The directory to make, with one file for each partition: part-00000, part-00001, ... It must not exist, its parent
    /// must; it appears, complete, when the run has succeeded. Workers must see it under the same path.
    std::string output{};
    /// Into how many parts the keys are divided, and so the number of output files. 0: fits the workers and the input.
    std::uint32_t partitions = 0;
    /// Bytes of keys and values that each worker may hold in memory; what is more goes to disk. 0: an eighth of the
    /// machine's memory, at most 256 MiB.
    std::uint64_t memory = 0;
    /// Bytes of input that one map attempt reads. 0: fits the workers and the input, 1 to 64 MiB.
    std::uint64_t split_bytes = 0;
    /// Whether to show progress when standard error is a terminal.
    bool progress = true;
    /// Ends the run early, with cancelled. By default Ctrl-C does (see app::run).
    std::stop_token stop{};
};

/// What map_reduce::run() throws when there is no output. Nothing of the run is left behind.
class run_failed : public call_error {
  public:
    using call_error::call_error;
    /// One sentence that says why; why() tells more.
    [[nodiscard]] const char* what() const noexcept override { return why().message.c_str(); }
};

}  // namespace sheaf
