// A file mapped for reading, guarded against what mapping makes of errors: SIGBUS. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <sheaf/detail/file.hpp>

namespace sheaf::detail {

struct guarded_region;

/// Bytes [offset, offset + length) of a file, mapped for reading from front to back.
///
/// When the file is cut short while it is mapped, or the disk cannot be read, the process does not die of SIGBUS: the rest
/// reads as zeros, and torn() says so from then on. Whoever has read the bytes must ask before using what came of them.
/// The first object installs a handler of SIGBUS for the process; faults elsewhere go to the handler that was there before.
class mapped_file {
  public:
    mapped_file() = default;
    /// `length` is at least 1 and within the file. Throws std::system_error; runtime_failure when too many are mapped.
    mapped_file(const file& from, std::uint64_t offset, std::uint64_t length);
    mapped_file(mapped_file&& other) noexcept;
    mapped_file& operator=(mapped_file&& other) noexcept;
    mapped_file(const mapped_file&) = delete;
    mapped_file& operator=(const mapped_file&) = delete;
    ~mapped_file();

    [[nodiscard]] std::string_view view() const noexcept { return view_; }
    /// Whether something in it could not be read.
    [[nodiscard]] bool torn() const noexcept;
    /// Asks the system to have bytes [from, from + length) of the view ready soon.
    void prefetch(std::size_t from, std::size_t length) const noexcept;
    /// The first `length` bytes of the view are not needed for now: their pages are taken out of this process.
    void forget(std::size_t length) const noexcept;

  private:
    char* pages_ = nullptr;
    std::size_t pages_size_ = 0;
    std::string_view view_;
    guarded_region* guard_ = nullptr;
};

}  // namespace sheaf::detail
