#include "map_reduce/bad_record_file.hpp"

#include <cerrno>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "output/file_steps.hpp"
#include <sheaf/detail/file.hpp>

namespace sheaf::detail {

namespace fs = std::filesystem;

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

// Of the directories in which lists for `path` are written.
std::string prefix_of(const fs::path& path) { return "." + path.filename().string() + ".sheaf-"; }

error exists_already(const fs::path& path) {
    return {errc::invalid_argument, "the file for bad records, " + path.string() +
                                        ", exists already: remove it, or name another (bad_records_file), or let the "
                                        "run replace it together with its output (overwrite)"};
}

// Where the file system can do that, what was replaced has the other name then. The errno, or 0.
int replace(const fs::path& from, const fs::path& to, bool& has_replaced) {
    has_replaced = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0;
    if (has_replaced) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
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

fs::path bad_records_path(const map_reduce_options& how, const fs::path& output) {
    fs::path path = how.bad_records_file.empty() ? output : fs::absolute(how.bad_records_file).lexically_normal();
    if (how.bad_records_file.empty() && !path.empty()) path += ".bad-records";
    return path;
}

basic_result<void, error> check_bad_records_path(const fs::path& path, bool overwrite) {
    if (path.empty()) return {};
    std::error_code unknown;
    if (!fs::is_directory(path.parent_path(), unknown)) {
        return error{errc::invalid_argument, "bad records cannot be written to " + path.string() +
                                                 ": there is no directory " + path.parent_path().string()};
    }
    leased_directory::sweep(path.parent_path(), prefix_of(path));
    const fs::file_status there = fs::symlink_status(path, unknown);
    if (!fs::exists(there) || (overwrite && fs::is_regular_file(there))) return {};
    return exists_already(path);
}

basic_result<bad_record_file, error> bad_record_file::write(const run_account& account, const fs::path& path,
                                                            bool overwrite) {
    if (account.bad_records() == 0 || path.empty()) return bad_record_file(nullptr);
    auto directory = leased_directory::make(path.parent_path(), prefix_of(path), unique_suffix(), 0700);
    if (!directory) return directory.error();
    auto made = std::make_unique<place>(place{std::move(*directory), path, overwrite});
    try {
        file out = file::create(made->pending().string());
        out.write(all_lines(account));
        out.close();
    } catch (const std::exception& why) {
        return error{errc::io_error, std::string("the bad records cannot be written aside: ") + why.what()};
    }
    if (auto done = sync_to_disk(made->pending()); !done) return done.error();
    return bad_record_file(std::move(made));
}

bad_record_file::~bad_record_file() {
    if (at_ && at_->is_published) take_back();
}

basic_result<void, error> bad_record_file::publish() {
    if (!at_) return {};
    int why = rename_to_new(at_->pending(), at_->final);
    if (why == EEXIST && at_->overwrite) why = replace(at_->pending(), at_->final, at_->has_replaced);
    if (why == EEXIST) return exists_already(at_->final);
    if (why != 0) return cannot("write the bad records to", at_->final, why);
    at_->is_published = true;
    return {};
}

void bad_record_file::take_back() noexcept {
    if (!at_->has_replaced || ::rename(at_->pending().c_str(), at_->final.c_str()) != 0) ::unlink(at_->final.c_str());
}

std::string bad_record_file::keep() noexcept {
    if (!at_) return {};
    at_->is_published = false;  // and nothing to be taken back
    return at_->final.string();
}

}  // namespace sheaf::detail
