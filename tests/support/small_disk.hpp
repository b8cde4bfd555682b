// A file system of a few megabytes, which a test can fill and clear.
#pragma once

#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "support/process.hpp"

namespace sheaf::test {

/// A tmpfs at a directory that is there. Only this process and its children see it: the first one takes this process into a mount
/// namespace of its own, for which those who are not root become it, in a user namespace.
class small_disk {
  public:
    small_disk(std::filesystem::path at, std::uint64_t bytes) : at_(std::move(at)) {
        static const bool own_namespace = (enter_own_namespace(), true);
        (void)own_namespace;
        const std::string size = "size=" + std::to_string(bytes);
        if (::mount("tmpfs", at_.c_str(), "tmpfs", 0, size.c_str()) != 0) throw_errno("mount " + at_.string());
    }
    small_disk(const small_disk&) = delete;
    small_disk& operator=(const small_disk&) = delete;
    ~small_disk() { ::umount2(at_.c_str(), MNT_DETACH); }

    /// Nothing more can be written to it, until clear().
    void fill() {
        filler_ = unique_fd(::open(at_.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
        if (!filler_) return;  // not even for that is there space
        off_t filled = 0;
        for (off_t block = 1 << 24; block >= 1 << 12;) {
            if (::fallocate(filler_.get(), 0, filled, block) == 0) {
                filled += block;
            } else {
                block /= 2;
            }
        }
    }
    void clear() { filler_.reset(); }
    [[nodiscard]] bool is_filled() const noexcept { return static_cast<bool>(filler_); }

  private:
    static void enter_own_namespace() {
        const uid_t user = ::geteuid();
        const gid_t group = ::getegid();
        if (::unshare(CLONE_NEWNS | (user == 0 ? 0 : CLONE_NEWUSER)) != 0) throw_errno("unshare");
        if (user != 0) {
            std::ofstream("/proc/self/setgroups") << "deny";
            std::ofstream("/proc/self/uid_map") << user << ' ' << user << " 1";
            std::ofstream("/proc/self/gid_map") << group << ' ' << group << " 1";
        }
        if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) throw_errno("mount --make-rprivate");
    }

    std::filesystem::path at_;
    unique_fd filler_;
};

}  // namespace sheaf::test
