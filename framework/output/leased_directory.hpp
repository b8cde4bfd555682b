// A directory for things that must not outlive a run, even a killed one.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>

#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// A directory with a lock file in it that this process holds while it lives. The directory goes with the object; when the
/// process is killed instead, the kernel releases the lock, and the next sweep() removes the directory.
class leased_directory {
  public:
    /// Makes `parent`/`prefix``id`. The error says what to do.
    [[nodiscard]] static basic_result<leased_directory, error> make(const std::filesystem::path& parent,
                                                                    std::string_view prefix, std::string_view id,
                                                                    mode_t mode);
    /// Takes over `path`, which a killed process has left. Nothing when it is not there, or has an owner.
    [[nodiscard]] static std::optional<leased_directory> take_over(const std::filesystem::path& path);

    /// From now on, when this process is killed, sweeps spare the directory until nothing has been made or removed in it for
    /// kept_for. When that cannot be noted it goes like others.
    void keep_when_killed() const;
    static constexpr std::chrono::hours kept_for{24};
    /// Gives up the lease, and leaves the directory as if this process had been killed.
    void leave() noexcept;

    /// Removes those directories of this user in `parent` whose names begin with `prefix` and whose owners are gone.
    /// Returns how many. What cannot be removed is left for another time.
    static std::size_t sweep(const std::filesystem::path& parent, std::string_view prefix);

    leased_directory(leased_directory&& other) noexcept
        : path_(std::exchange(other.path_, {})), lock_(std::exchange(other.lock_, -1)) {}
    leased_directory& operator=(leased_directory&& other) noexcept {
        std::swap(path_, other.path_);
        std::swap(lock_, other.lock_);
        return *this;
    }
    leased_directory(const leased_directory&) = delete;
    leased_directory& operator=(const leased_directory&) = delete;
    ~leased_directory();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    leased_directory(std::filesystem::path path, int lock) noexcept : path_(std::move(path)), lock_(lock) {}

    std::filesystem::path path_;
    int lock_ = -1;
};

}  // namespace sheaf::detail
