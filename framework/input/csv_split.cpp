#include <algorithm>

#include <sheaf/csv_split.hpp>

namespace sheaf {

namespace {

std::string place(const std::string& path, std::uint64_t offset) {
    return "'" + path + "', record at byte " + std::to_string(offset) + ": ";
}

std::string names_of(const std::vector<std::string>& columns) {
    if (columns.empty()) return "its columns have no names";
    std::string text = "its columns are";
    for (const std::string& name : columns) text += (&name == columns.data() ? " '" : ", '") + name + "'";
    return text;
}

}  // namespace

std::string_view csv_row::operator[](std::string_view column) const { return (*this)[split_->column(column)]; }

void csv_row::throw_too_short(std::size_t index) const {
    throw csv_error(place(split_->path(), offset_) + "it has " + std::to_string(fields_.size()) +
                    " fields, and so none with the number " + std::to_string(index) + ", counted from 0");
}

void csv_row::throw_no_number(std::string_view text) const {
    throw csv_error(place(split_->path(), offset_) + "'" + std::string(text.substr(0, 100)) +
                    "' is no number, or not one of the kind that is asked for");
}

csv_rows::csv_rows(const csv_split& of) { row_.split_ = &of; }

void csv_rows::advance() {
    const csv_split& split = *row_.split_;
    at_ += detail::empty_lines(split.text_.substr(at_));
    const std::string_view left = split.text_.substr(at_);
    ended_ = left.empty();
    if (ended_) return;
    try {
        const std::size_t size = detail::read_csv_record(left, split.dialect_, true, row_.fields_, row_.unquoted_);
        std::size_t shown = size;
        if (shown != 0 && left[shown - 1] == '\n') --shown;
        if (shown != 0 && left[shown - 1] == '\r') --shown;
        row_.text_ = left.substr(0, shown);
        row_.offset_ = split.offset_ + at_;
        at_ += size;
    } catch (const detail::csv_fault& why) {
        detail::refuse_csv(why, split.path(), split.offset_ + at_);
    }
}

csv_split::csv_split(const detail::split_source& from)
    : text_(from.bytes), path_(&from.piece.path), offset_(from.offset), dialect_(from.format) {
    if (from.header.empty()) return;
    std::vector<detail::csv_field> fields;
    std::string unquoted;
    try {
        (void)detail::read_csv_record(from.header, dialect_, true, fields, unquoted);
    } catch (const detail::csv_fault& why) {
        detail::refuse_csv(why, path(), 0);
    }
    for (const detail::csv_field& one : fields) columns_.emplace_back(one.text(unquoted));
}

std::size_t csv_split::column(std::string_view name) const {
    const auto found = std::find(columns_.begin(), columns_.end(), name);
    if (found != columns_.end()) {
        if (std::find(found + 1, columns_.end(), name) == columns_.end())
            return static_cast<std::size_t>(found - columns_.begin());
        throw csv_error("'" + path() + "' has several columns '" + std::string(name) + "': take them by number. " +
                        names_of(columns_));
    }
    throw csv_error("'" + path() + "' has no column '" + std::string(name) + "': " + names_of(columns_));
}

std::string_view detail::split_access<csv_split>::record_after(const csv_split& of, const split_source& from,
                                                               std::size_t at) {
    std::vector<csv_field> fields;
    std::string unquoted;
    const std::size_t begin = at + empty_lines(from.bytes.substr(at));
    const std::string_view left = from.bytes.substr(begin);
    if (left.empty()) return left;
    try {
        return left.substr(0, read_csv_record(left, of.dialect_, true, fields, unquoted));
    } catch (const csv_fault& why) {
        refuse_csv(why, of.path(), from.offset + begin);
    }
}

}  // namespace sheaf
