// Making the directory of a run.
#include "map_reduce/run_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sys/random.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/assert.hpp"

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

std::string random_hex(std::size_t bytes) {
    std::string raw(bytes, '\0');
    SHEAF_ASSERT(::getrandom(raw.data(), raw.size(), 0) == static_cast<ssize_t>(bytes), "up to 256 bytes come at once");
    std::string text;
    for (const unsigned char byte : raw) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

fs::path temporary_directory() {
    for (const char* name : {"SHEAF_TMPDIR", "TMPDIR"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') return fs::absolute(value);
    }
    return "/tmp";
}

}  // namespace

std::string make_run_id() { return random_hex(8); }

basic_result<fs::path, error> run_directories_root() {
    const fs::path root = temporary_directory() / ("sheaf-" + std::to_string(::geteuid()));
    const auto refused = [&](const std::string& why) {
        return error{errc::io_error, "cannot use " + root.string() + " for temporary files: " + why +
                                         "; set SHEAF_TMPDIR to a directory of yours with enough room"};
    };
    if (::mkdir(root.c_str(), 0700) != 0 && errno != EEXIST) return refused(std::generic_category().message(errno));
    struct stat about {};
    if (::lstat(root.c_str(), &about) != 0) return refused(std::generic_category().message(errno));
    // Anybody can make a directory of that name in /tmp.
    if (!S_ISDIR(about.st_mode)) return refused("it is not a directory");
    if (about.st_uid != ::geteuid()) return refused("it belongs to another user");
    if ((about.st_mode & 022) != 0) return refused("others may write to it");
    return root;
}

basic_result<run_directory, error> run_directory::make(const fs::path& root, const std::string& id) {
    leased_directory::sweep(root, "run-");
    auto directory = leased_directory::make(root, "run-", id, 0700);
    if (!directory) return directory.error();
    std::string nonce = random_hex(16);
    std::ofstream file(directory->path() / "nonce", std::ios::binary);
    file << nonce;
    file.close();
    if (!file) {
        return error{errc::io_error, "cannot write to " + directory->path().string() +
                                         "; is the disk full? SHEAF_TMPDIR says where temporary files go"};
    }
    return run_directory(std::move(*directory), std::move(nonce));
}

}  // namespace sheaf::detail
