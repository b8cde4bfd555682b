// Files through descriptors: every error names the path and what the system said. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sheaf::detail {

/// Owns a file descriptor.
class file {
  public:
    file() = default;
    file(file&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}
    file& operator=(file&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        std::swap(path_, other.path_);
        return *this;
    }
    file(const file&) = delete;
    file& operator=(const file&) = delete;
    ~file();

    /// Opens for reading. Throws std::system_error.
    [[nodiscard]] static file open_read(const std::string& path);
    /// Creates a file that must not exist yet. Throws as write() does.
    [[nodiscard]] static file create(const std::string& path);

    /// Opens or creates a file, and locks it for as long as this is there. Nothing when that cannot be done, as somebody else has it.
    [[nodiscard]] static std::optional<file> lock(const std::string& path);
    /// Opens a file that is there, for writing from `offset` on. Throws as create() does.
    [[nodiscard]] static file open_write(const std::string& path, std::uint64_t offset);

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// Throws std::system_error.
    [[nodiscard]] std::uint64_t size() const;
    /// Whether it is a regular file.
    [[nodiscard]] bool regular() const;
    /// Reads up to into.size() bytes at `offset`; fewer only at the file's end. Throws std::system_error.
    [[nodiscard]] std::size_t read_at(std::uint64_t offset, std::span<char> into) const;
    /// Writes all of `bytes` behind what it has written. Throws host_refused, as when the disk is full, or unit_refused when no file
    /// may be so long.
    void write(std::string_view bytes);
    /// Closes it, and throws as write() does when the system reports a late error.
    void close();

  private:
    file(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

    int descriptor_ = -1;
    std::string path_;
};

/// A file being written under a temporary name, and locked (flock) while it has that. Removed unless it is committed.
class pending_file {
  public:
    /// Creates `directory`/`name`.tmp. `name` must be unique: see unique_suffix.
    pending_file(std::string directory, std::string name);
    pending_file(const pending_file&) = delete;
    pending_file& operator=(const pending_file&) = delete;
    ~pending_file();

    void write(std::string_view bytes) { file_.write(bytes); }
    [[nodiscard]] std::string path() const { return file_.path(); }
    /// Closes the file and gives it its name. Returns the name. Throws as file::write does.
    std::string commit();
    /// All is written. The file stays under its temporary name until this goes. Returns that path.
    std::string seal();

  private:
    std::string directory_;
    std::string name_;
    file file_;
    bool remove_ = true;
};

/// A short text that differs between processes, threads and calls, for names of files.
[[nodiscard]] std::string unique_suffix();

/// Throws host_refused or unit_refused: "cannot write '/x/y': No space left on device. ...".
[[noreturn]] void throw_write_error(const std::string& doing, const std::string& path, int error_number);

}  // namespace sheaf::detail
