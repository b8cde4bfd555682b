#include "fetch/fetch_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::fetch {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;

[[noreturn]] void throw_unwritable(const std::string& path) {
    throw detail::host_refused("cannot write '" + path + "': " + std::generic_category().message(errno) + ".");
}

void write_all(int file, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written >= 0) bytes.remove_prefix(static_cast<std::size_t>(written));
        if (written < 0 && errno != EINTR) throw_unwritable(path);
    }
}

void copy(detail::range_reader& from, int to, const std::string& path) {
    const auto buffer = std::make_unique_for_overwrite<char[]>(piece_bytes);
    from.expect_reads(0, from.size());
    for (std::uint64_t place = 0; place < from.size();) {
        const std::size_t came = from.read_at(place, {buffer.get(), piece_bytes});
        write_all(to, {buffer.get(), came}, path);
        place += came;
    }
    from.check_unchanged();
}

}  // namespace

std::uint64_t fetch_file(this_host& by, const std::string& address, const std::string& secret, const std::string& path,
                         const std::stop_token& stop) {
    const auto from = by.open(address, secret, stop);
    unique_fd to(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!to) throw_unwritable(path);
    try {
        copy(*from, to.get(), path);
    } catch (...) {
        ::unlink(path.c_str());
        throw;
    }
    return from->size();
}

}  // namespace sheaf::fetch
