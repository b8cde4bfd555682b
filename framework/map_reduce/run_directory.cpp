// Making the directory of a run.
#include "map_reduce/run_directory.hpp"

#include <fstream>
#include <sys/random.h>
#include <unistd.h>

#include "base/assert.hpp"

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t nonce_bytes = 16;

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

}  // namespace

std::string make_run_id() { return random_hex(8); }

std::optional<run_directory> run_directory::take_over(const fs::path& path) {
    auto directory = leased_directory::take_over(path);
    if (!directory) return std::nullopt;
    std::string nonce(2 * nonce_bytes + 1, '\0');
    std::ifstream file(path / "nonce", std::ios::binary);
    file.read(nonce.data(), static_cast<std::streamsize>(nonce.size()));
    nonce.resize(static_cast<std::size_t>(file.gcount()));
    if (nonce.size() != 2 * nonce_bytes) return std::nullopt;
    return run_directory(std::move(*directory), std::move(nonce));
}

void run_directory::remove(const std::string& file) const {
    if (file.empty() || file.find('/') != std::string::npos) return;
    ::unlink((path() / file).c_str());
}

basic_result<run_directory, error> run_directory::make(const fs::path& root, const std::string& id) {
    leased_directory::sweep(root, "run-");
    auto directory = leased_directory::make(root, "run-", id, 0700);
    if (!directory) return directory.error();
    std::string nonce = random_hex(nonce_bytes);
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
