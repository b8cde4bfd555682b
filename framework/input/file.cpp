#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <random>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <sheaf/detail/file.hpp>
#include <sheaf/detail/unit_refused.hpp>
#include <sheaf/runtime/error.hpp>

namespace sheaf::detail {

namespace {

[[noreturn]] void throw_read_error(const std::string& doing, const std::string& path, int error_number) {
    throw std::system_error(error_number, std::generic_category(), "cannot " + doing + " '" + path + "'");
}

struct stat status_of(int descriptor, const std::string& path) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) throw_read_error("examine", path, errno);
    return status;
}

const char* advice_for(int error_number) {
    switch (error_number) {
        case ENOSPC: return ". Free some space there, or choose another directory.";
        case EDQUOT: return ". Your quota there is used up: free some space, or choose another directory.";
        case EROFS:
        case EACCES:
        case EPERM: return ". Choose a directory that the workers may write to.";
        default: return ".";
    }
}

// Locked while it is being made, by which others see that somebody is. Who saw it in the moment before has removed it: then it is made
// once more. Where nothing can be locked nobody looks.
file create_locked(const std::string& path) {
    for (;;) {
        file made = file::create(path);
        if (::flock(made.descriptor(), LOCK_EX) != 0 || status_of(made.descriptor(), path).st_nlink > 0) return made;
    }
}

}  // namespace

void throw_write_error(const std::string& doing, const std::string& path, int error_number) {
    const std::string text = "cannot " + doing + " '" + path + "': " + std::generic_category().message(error_number) +
                             advice_for(error_number);
    // A file that may not be so long is too long on other hosts, too.
    if (error_number == EFBIG) throw unit_refused(text);
    throw host_refused(text);
}

file::~file() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

file file::open_read(const std::string& path) {
    // O_NONBLOCK: opening a FIFO must not wait for somebody to write to it. It means nothing for regular files.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) throw_read_error("open", path, errno);
    return {descriptor, path};
}

file file::create(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) throw_write_error("create", path, errno);
    return {descriptor, path};
}

std::optional<file> file::lock(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor < 0) return std::nullopt;
    file opened(descriptor, path);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) return std::nullopt;
    return opened;
}

file file::open_write(const std::string& path, std::uint64_t offset) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) throw_write_error("open", path, errno);
    file opened(descriptor, path);
    if (::lseek(descriptor, static_cast<off_t>(offset), SEEK_SET) < 0) throw_write_error("write", path, errno);
    return opened;
}

std::uint64_t file::size() const { return static_cast<std::uint64_t>(status_of(descriptor_, path_).st_size); }

bool file::regular() const { return S_ISREG(status_of(descriptor_, path_).st_mode); }

std::size_t file::read_at(std::uint64_t offset, std::span<char> into) const {
    std::size_t done = 0;
    while (done < into.size()) {
        const ssize_t n =
            ::pread(descriptor_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
        if (n == 0) break;
        if (n > 0) done += static_cast<std::size_t>(n);
        if (n < 0 && errno != EINTR) throw_read_error("read", path_, errno);
    }
    return done;
}

void file::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
        if (n >= 0) bytes.remove_prefix(static_cast<std::size_t>(n));
        if (n < 0 && errno != EINTR) throw_write_error("write", path_, errno);
    }
}

void file::close() {
    // Linux closes the descriptor even when it reports EINTR; what matters here are late errors of the disk.
    if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) throw_write_error("write", path_, errno);
}

pending_file::pending_file(std::string directory, std::string name)
    : directory_(std::move(directory)),
      name_(std::move(name)),
      file_(create_locked(directory_ + "/" + name_ + ".tmp")) {}

pending_file::~pending_file() {
    if (remove_) ::unlink(file_.path().c_str());
}

// The lock stays, but the system says what it has to say at a close.
std::string pending_file::seal() {
    const int again = ::dup(file_.descriptor());
    if (again < 0 || (::close(again) != 0 && errno != EINTR)) throw_write_error("write", file_.path(), errno);
    return file_.path();
}

std::string pending_file::commit() {
    if (file_.descriptor() >= 0) file_.close();
    const std::string path = directory_ + "/" + name_;
    if (::rename(file_.path().c_str(), path.c_str()) != 0) throw_write_error("rename to", path, errno);
    remove_ = false;
    return name_;
}

std::string unique_suffix() {
    static std::atomic<std::uint32_t> calls{0};
    // The host is not in it: processes on two hosts that share a directory may have one id, so chance decides.
    std::random_device chance;
    const std::uint64_t number = std::uint64_t{chance()} << 32 | (chance() ^ calls.fetch_add(1));
    static constexpr char digits[] = "0123456789abcdefghijklmnopqrstuv";
    std::string text;
    for (unsigned shift = 0; shift < 60; shift += 5) text += digits[number >> shift & 31];
    return text;
}

}  // namespace sheaf::detail
