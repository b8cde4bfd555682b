#include "map_reduce/bad_record_file.hpp"

#include <cerrno>
#include <cstdio>
#include <exception>
#include <unistd.h>
#include <utility>

#include <sheaf/detail/file.hpp>

namespace sheaf::detail {
namespace {

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '\\': out += "\\\\"; break;
            case '\t': out += "\\t"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            default:
                if (byte >= 0x20 && byte != 0x7f) {
                    out += c;
                } else {
                    char code[8];
                    std::snprintf(code, sizeof code, "\\x%02x", byte);
                    out += code;
                }
        }
    }
}

void append_lines(std::string& out, const std::vector<bad_record>& records) {
    for (const bad_record& one : records) out += bad_record_line(one);
}

std::string all_lines(const run_account& account) {
    std::string text;
    for (const std::uint32_t index : account.order()) append_lines(text, account.mapped(index)->bad);
    for (std::uint32_t unit = 0; unit < account.reduce_units(); ++unit) append_lines(text, account.reduced(unit)->bad);
    return text;
}

}  // namespace

std::string bad_record_line(const bad_record& what) {
    std::string line;
    append_escaped(line, what.place);
    line += '\t' + std::to_string(what.offset) + '\t' + std::to_string(what.length) + '\t';
    append_escaped(line, what.reason);
    line += '\t';
    append_escaped(line, what.bytes);
    line += '\n';
    return line;
}

basic_result<bad_record_file, error> bad_record_file::write(const run_account& account,
                                                            const std::filesystem::path& path) {
    if (account.bad_records() == 0 || path.empty()) return bad_record_file({}, {});
    std::filesystem::path pending = path;
    pending += "." + unique_suffix();
    try {
        file out = file::create(pending.string());
        bad_record_file made(path, pending);
        out.write(all_lines(account));
        out.close();
        return made;
    } catch (const std::exception& why) {
        return error{errc::io_error, std::string("the bad records cannot be written aside: ") + why.what()};
    }
}

bad_record_file::bad_record_file(bad_record_file&& other) noexcept
    : path_(std::move(other.path_)), pending_(std::exchange(other.pending_, {})) {}

bad_record_file::~bad_record_file() {
    if (!pending_.empty()) ::unlink(pending_.c_str());
}

basic_result<std::string, error> bad_record_file::keep() {
    if (pending_.empty()) return std::string();
    if (::rename(pending_.c_str(), path_.c_str()) != 0) {
        return error{errc::io_error, "the bad records cannot be written to " + path_.string() + ": " +
                                         std::generic_category().message(errno)};
    }
    pending_.clear();
    return path_.string();
}

}  // namespace sheaf::detail
