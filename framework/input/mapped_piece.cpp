#include "input/mapped_piece.hpp"

#include <algorithm>

namespace sheaf::detail {

namespace {

// Mapping costs some system calls and page faults; so many bytes are copied in less.
constexpr std::uint64_t copied_max = 16U << 10;

}  // namespace

mapped_piece::mapped_piece(const input_piece& what, const input_format& how)
    : length_(what.length), file_(what.path, what.file_size), borders_(borders_of(how, what.path)) {
    const std::uint64_t offset = std::min(what.offset, what.file_size);
    const std::uint64_t border = offset + std::min(what.length, what.file_size - offset);
    const std::uint64_t begin = borders_->first_at(file_, offset, border);
    given_ = begin == border && (what.file_size != 0 || how.records != record_format::whole_files);
    if (begin != border) load(begin, borders_->first_at(file_, border, what.file_size));
}

void mapped_piece::load(std::uint64_t begin, std::uint64_t end) {
    chunk_.offset = begin;
    if (end - begin <= copied_max) {
        copied_.resize(static_cast<std::size_t>(end - begin));
        copied_.resize(file_.read_at(begin, copied_));
        chunk_.bytes = {copied_.data(), copied_.size()};
        return;
    }
    try {
        mapped_ = mapped_file(file_.opened(), begin, end - begin);
    } catch (const std::system_error& why) {
        refuse_input(why);
    }
    mapped_.prefetch(0, static_cast<std::size_t>(std::min(length_, end - begin)));
    chunk_.bytes = mapped_.view();
}

bool mapped_piece::next(record_chunk& into) {
    if (given_) return false;
    given_ = true;
    into = chunk_;
    return true;
}

void mapped_piece::check_unchanged() {
    file_.check_unchanged();
    if (mapped_.torn()) refuse_torn(file_.name());
}

}  // namespace sheaf::detail
