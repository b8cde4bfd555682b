#include "input/mapped_piece.hpp"

#include <algorithm>

namespace sheaf::detail {

namespace {

// Mapping costs some system calls and page faults; so many bytes are copied in less.
constexpr std::uint64_t copied_max = 16U << 10;

// A mapper that is called once for a whole piece shows no progress, and holds on to all of its pages.
constexpr std::size_t stretch_bytes = 8U << 20;

// Where records end can be told from few bytes; of CSV, it takes a walk through all of them.
bool is_divisible(record_format records) noexcept {
    return records == record_format::lines || records == record_format::words || records == record_format::fixed;
}

}  // namespace

mapped_piece::mapped_piece(const input_piece& what, const input_format& how)
    : length_(what.length),
      divisible_(is_divisible(how.records)),
      file_(what.path, what.file_size, what.tag),
      borders_(borders_of(how, what.path)) {
    const std::uint64_t offset = std::min(what.offset, what.file_size);
    const std::uint64_t border = offset + std::min(what.length, what.file_size - offset);
    const std::uint64_t begin = borders_->first_at(file_, offset, border);
    empty_ = begin == border && (what.file_size != 0 || how.records != record_format::whole_files);
    if (begin != border) load(begin, borders_->first_at(file_, border, what.file_size));
}

void mapped_piece::load(std::uint64_t begin, std::uint64_t end) {
    begin_ = begin;
    if (end - begin <= copied_max) {
        copied_.resize(static_cast<std::size_t>(end - begin));
        copied_.resize(file_.read_at(begin, copied_));
        bytes_ = {copied_.data(), copied_.size()};
        return;
    }
    try {
        mapped_ = mapped_file(file_.opened(), begin, end - begin);
    } catch (const std::system_error& why) {
        refuse_input(why);
    }
    mapped_.prefetch(0, static_cast<std::size_t>(std::min(length_, end - begin)));
    bytes_ = mapped_.view();
}

bool mapped_piece::next(record_chunk& into) {
    if (empty_) return false;
    mapped_.forget(given_);
    const std::string_view left = bytes_.substr(given_);
    into = {left.substr(0, next_size(left)), begin_ + given_};
    given_ += into.bytes.size();
    empty_ = given_ == bytes_.size();
    return true;
}

// Of a stretch of whole records: longer where a record is.
std::size_t mapped_piece::next_size(std::string_view left) const {
    if (!divisible_) return left.size();
    for (std::size_t size = stretch_bytes; size < left.size() / 2; size *= 2) {
        if (const std::size_t whole = borders_->whole_records(left.substr(0, size), false); whole != 0) return whole;
    }
    return left.size();
}

void mapped_piece::check_unchanged() {
    file_.check_unchanged();
    if (mapped_.torn()) refuse_torn(file_.name());
}

}  // namespace sheaf::detail
