#include "output/file_joiner.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <sys/sendfile.h>
#include <unistd.h>
#include <utility>

#include "base/unique_fd.hpp"
#include "output/file_steps.hpp"
#include "output/typed_parts.hpp"
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {
namespace {

// All of `from`, or a stretch of it, behind what `to` has. The errno, or 0.
int append_file(int to, int from, const std::optional<file_range>& range) {
    constexpr std::uint64_t at_once = std::uint64_t{1} << 30;
    off_t at = range ? static_cast<off_t>(range->offset) : 0;
    for (std::uint64_t left = range ? range->length : UINT64_MAX; left != 0;) {
        const ssize_t moved = ::sendfile(to, from, &at, static_cast<std::size_t>(std::min(left, at_once)));
        if (moved == 0) return range ? ENODATA : 0;
        if (moved > 0) left -= static_cast<std::uint64_t>(moved);
        if (moved < 0 && errno != EINTR) return errno;
    }
    return 0;
}

int append_text(int to, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(to, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

}  // namespace

file_joiner::file_joiner(std::vector<joined_piece> pieces, std::filesystem::path to, join_options how)
    : pieces_(std::move(pieces)), to_(std::move(to)), how_(std::move(how)) {}

basic_result<void, error> file_joiner::run() {
    wants_space_ = false;
    auto done = how_.typed ? join_typed() : append_rest();
    return done ? sync_to_disk(to_) : done;
}

error file_joiner::fail(int reason) {
    wants_space_ = reason == ENOSPC || reason == EDQUOT;
    return cannot("write", to_, reason);
}

basic_result<void, error> file_joiner::append_rest() {
    const unique_fd to(::open(to_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (!to) return fail(errno);
    // What there is of a piece that was not joined whole makes room, and is written again.
    if (::ftruncate(to.get(), static_cast<off_t>(length_)) != 0) return fail(errno);
    if (::lseek(to.get(), 0, SEEK_END) < 0) return fail(errno);
    if (length_ == 0) {
        if (const int why = append_text(to.get(), how_.head); why != 0) return fail(why);
        length_ = how_.head.size();
    }
    for (; next_ < pieces_.size(); ++next_) {
        if (auto done = append(to.get(), pieces_[next_]); !done) {
            (void)::ftruncate(to.get(), static_cast<off_t>(length_));
            return done;
        }
    }
    return {};
}

basic_result<void, error> file_joiner::append(int to, const joined_piece& piece) {
    const unique_fd from(::open(piece.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!from) return cannot("open", piece.path, errno);
    if (const int why = append_file(to, from.get(), piece.range); why != 0) return fail(why);
    const off_t end = ::lseek(to, 0, SEEK_CUR);
    if (end < 0) return fail(errno);
    length_ = static_cast<std::uint64_t>(end);
    if (!how_.keep_pieces && !piece.range) ::unlink(piece.path.c_str());
    return {};
}

// From the beginning each time: what is at the end of a typed file speaks of all of it.
basic_result<void, error> file_joiner::join_typed() {
    ::unlink(to_.c_str());
    std::vector<std::filesystem::path> paths;
    for (const joined_piece& one : pieces_) paths.push_back(one.path);
    try {
        return join_typed_files(paths, how_.schema, to_);
    } catch (const host_refused& why) {
        ::unlink(to_.c_str());
        wants_space_ = true;
        return error{errc::io_error, why.message};
    }
}

}  // namespace sheaf::detail
