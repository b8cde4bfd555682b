#include <algorithm>
#include <cerrno>
#include <sys/stat.h>
#include <system_error>

#include <sheaf/detail/mapped_piece.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {

namespace {

// Nanoseconds of the last change, as far as the file system notes them.
std::int64_t modification_time(const file& of) {
    struct stat status {};
    if (::fstat(of.descriptor(), &status) != 0) {
        throw std::system_error(errno, std::generic_category(), "cannot examine '" + of.path() + "'");
    }
    return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

// Running out of descriptors or memory is this worker's trouble now; all else is the file's.
bool is_local_trouble(const std::error_code& why) {
    return why == std::errc::too_many_files_open || why == std::errc::too_many_files_open_in_system ||
           why == std::errc::not_enough_memory;
}

[[noreturn]] void refuse(const std::system_error& why) {
    if (is_local_trouble(why.code())) throw;
    throw unit_refused(std::string(why.what()) +
                       ". The run needs all of its input: check that every worker can read it.");
}

}  // namespace

line_bounds lines_beginning_in(std::string_view bytes, std::uint64_t bytes_offset, std::uint64_t offset,
                               std::uint64_t length) {
    const std::uint64_t file_end = bytes_offset + bytes.size();
    const std::uint64_t border = length < file_end - std::min(offset, file_end) ? offset + length : file_end;
    // The first place in [from, to] where a line begins, or `to` when none begins before it.
    const auto first_line_at = [&](std::uint64_t from, std::uint64_t to) -> std::uint64_t {
        if (from == 0 || from >= to) return std::min(from, to);
        const std::string_view searched = bytes.substr(from - 1 - bytes_offset, to - from);
        const std::size_t newline = searched.find('\n');
        return newline == std::string_view::npos ? to : from + newline;
    };
    const std::uint64_t begin = first_line_at(offset, border);
    if (begin >= border) return {border, border};
    return {begin, first_line_at(border, file_end)};
}

mapped_piece::mapped_piece(const input_piece& what) : what_(&what) {
    try {
        file_ = file::open_read(what.path);
        if (!file_.regular()) throw unit_refused("cannot map '" + what.path + "': it is not a regular file.");
        check_size(file_.size());
        modified_ = modification_time(file_);
        if (what.offset >= what.file_size) return;
        const std::uint64_t from = what.offset == 0 ? 0 : what.offset - 1;
        mapped_ = mapped_file(file_, from, what.file_size - from);
        mapped_.prefetch(0, static_cast<std::size_t>(std::min(what.length, what.file_size - from)));
        const line_bounds lines = lines_beginning_in(mapped_.view(), from, what.offset, what.length);
        text_ = mapped_.view().substr(lines.begin - from, lines.end - lines.begin);
        text_offset_ = lines.begin;
    } catch (const std::system_error& why) {
        refuse(why);
    }
}

text_split mapped_piece::split() const noexcept { return {text_, what_->path, text_offset_}; }

void mapped_piece::check_size(std::uint64_t now) const {
    if (now == what_->file_size) return;
    throw unit_refused("'" + what_->path + "' has changed while the run was reading it: it had " +
                       std::to_string(what_->file_size) + " bytes and has " + std::to_string(now) +
                       " now. Start the run again when nobody writes to its input.");
}

void mapped_piece::check_unchanged() const {
    check_size(file_.size());
    if (mapped_.torn()) {
        throw unit_refused("'" + what_->path +
                           "' could not be read to its end: the disk reported an error, or the file was "
                           "cut short for a moment. Check the disk, and that nobody writes to the input.");
    }
    if (modification_time(file_) != modified_) {
        throw unit_refused("'" + what_->path +
                           "' was written to while the run was reading it. Start the run again when "
                           "nobody writes to its input.");
    }
}

}  // namespace sheaf::detail
