#include "store/sqlite_file.hpp"

#include <array>
#include <filesystem>
#include <sqlite3.h>
#include <sstream>

#include "store/log_check.hpp"

namespace sheaf::store {
namespace {

[[noreturn]] void fail(sqlite3* in) { throw sqlite_failure(sqlite3_extended_errcode(in), sqlite3_errmsg(in)); }

constexpr int page_bytes = 4096;

// Before all frames of a log, and before the page of each.
constexpr int log_header_bytes = 32;
constexpr int frame_header_bytes = 24;

template <class State>
int note_log_pages(void* into, sqlite3* /*of*/, const char* /*name*/, int pages) {
    *static_cast<State*>(into) = {.pages = pages, .frames = pages};
    return SQLITE_OK;
}

// As a part of a URI.
std::string escaped(const std::string& path) {
    constexpr const char* digits = "0123456789abcdef";
    std::string text;
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '%' || c == '?' || c == '#') {
            text += {'%', digits[byte >> 4], digits[byte & 15]};
        } else {
            text += c;
        }
    }
    return text;
}

}  // namespace

void sqlite_statement::closer::operator()(sqlite3_stmt* one) const noexcept { sqlite3_finalize(one); }

sqlite_statement& sqlite_statement::bind(int at, std::int64_t number) {
    if (sqlite3_bind_int64(statement_.get(), at, number) != SQLITE_OK) fail(sqlite3_db_handle(statement_.get()));
    return *this;
}

sqlite_statement& sqlite_statement::bind(int at, std::string_view bytes) {
    // A null pointer would be NULL, which is no empty value.
    const char* const data = bytes.data() == nullptr ? "" : bytes.data();
    if (sqlite3_bind_blob64(statement_.get(), at, data, bytes.size(), SQLITE_STATIC) != SQLITE_OK) {
        fail(sqlite3_db_handle(statement_.get()));
    }
    return *this;
}

bool sqlite_statement::step() {
    const int said = sqlite3_step(statement_.get());
    if (said == SQLITE_ROW) return true;
    if (said == SQLITE_DONE) return false;
    const int code = sqlite3_extended_errcode(sqlite3_db_handle(statement_.get()));
    const std::string text = sqlite3_errmsg(sqlite3_db_handle(statement_.get()));
    sqlite3_reset(statement_.get());
    throw sqlite_failure(code, text);
}

void sqlite_statement::run() {
    while (step()) {
    }
    sqlite3_reset(statement_.get());
}

void sqlite_statement::stop() noexcept { sqlite3_reset(statement_.get()); }

std::int64_t sqlite_statement::number(int column) const noexcept {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string_view sqlite_statement::bytes(int column) const noexcept {
    const auto* const data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void sqlite_file::closer::operator()(sqlite3* one) const noexcept { sqlite3_close_v2(one); }

sqlite_file::sqlite_file(const std::string& path) : sqlite_file(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) {}

sqlite_file sqlite_file::for_reading(const std::string& path) {
    sqlite_file made(path, SQLITE_OPEN_READWRITE);
    made.run("PRAGMA query_only = ON");
    made.keep_log(true);
    return made;
}

sqlite_file sqlite_file::untouched(const std::string& path) {
    std::error_code why;
    const auto log_bytes = std::filesystem::file_size(log_of(path), why);
    if (why || log_bytes == 0) return without_log(path);
    // To read a log there must be an index of it: in memory, for those who are alone.
    sqlite_file made(path, SQLITE_OPEN_READWRITE);
    made.run("PRAGMA query_only = ON; PRAGMA locking_mode = EXCLUSIVE");
    made.keep_log(true);
    return made;
}

sqlite_file sqlite_file::without_log(const std::string& path) {
    return {"file:" + escaped(path) + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI};
}

void sqlite_file::keep_log(bool stays) noexcept {
    sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, stays ? 1 : 0, nullptr);
}

sqlite_file::sqlite_file(const std::string& path, int flags) {
    sqlite3* made = nullptr;
    const int said = sqlite3_open_v2(path.c_str(), &made, flags, nullptr);
    database_.reset(made);
    if (said != SQLITE_OK) throw sqlite_failure(said, made == nullptr ? "no memory" : sqlite3_errmsg(made));
    sqlite3_extended_result_codes(made, 1);
    // In place of SQLite's own, which writes the log back when it likes.
    sqlite3_wal_hook(made, &note_log_pages<log_state>, log_.get());
}

void sqlite_file::run(const char* sql) {
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(database_.get());
}

std::int64_t sqlite_file::number(const char* sql) {
    sqlite_statement one = prepare(sql);
    return one.step() ? one.number(0) : 0;
}

std::string sqlite_file::text(const char* sql) {
    sqlite_statement one = prepare(sql);
    return one.step() ? std::string(one.bytes(0)) : std::string();
}

sqlite_statement sqlite_file::prepare(const char* sql) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v2(database_.get(), sql, -1, &made, nullptr) != SQLITE_OK) fail(database_.get());
    return sqlite_statement(made);
}

// SQLite puts several into a row, below a title.
std::vector<std::string> sqlite_file::faults(const char* check) {
    std::vector<std::string> all;
    sqlite_statement rows = prepare(check);
    while (rows.step()) {
        std::istringstream lines{std::string(rows.bytes(0))};
        for (std::string line; std::getline(lines, line);) {
            if (!line.empty() && line != "ok" && !line.starts_with("***")) all.push_back(line);
        }
    }
    return all;
}

std::int64_t sqlite_file::log_bytes() const noexcept { return std::int64_t{log_->pages} * page_bytes; }

void sqlite_file::write_back_log() {
    const int said = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (said != SQLITE_OK) fail(database_.get());
    log_->pages = 0;
}

// Through SQLite's own descriptor; what comes behind its frames means nothing to it.
void sqlite_file::lengthen_log(std::int64_t bytes) {
    static constexpr std::array<char, std::size_t{64} << 10> nothing{};
    sqlite3_file* const file = log();
    sqlite3_int64 have = 0;
    if (file == nullptr || file->pMethods->xFileSize(file, &have) != SQLITE_OK) return;
    while (have < bytes && file->pMethods->xWrite(file, nothing.data(), nothing.size(), have) == SQLITE_OK) {
        have += static_cast<sqlite3_int64>(nothing.size());
    }
    if (file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) != SQLITE_OK) {
        throw sqlite_failure(SQLITE_IOERR_FSYNC, "its log cannot be synced");
    }
}

void sqlite_file::cut_log(std::uint64_t bytes) {
    sqlite3_file* const file = log();
    if (file == nullptr || file->pMethods->xTruncate(file, static_cast<sqlite3_int64>(bytes)) != SQLITE_OK ||
        file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) != SQLITE_OK) {
        throw sqlite_failure(SQLITE_IOERR_TRUNCATE, "its log cannot be cut off behind its last commit");
    }
}

sqlite3_file* sqlite_file::log() const noexcept {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&file));
    return file == nullptr || file->pMethods == nullptr ? nullptr : file;
}

std::int64_t sqlite_file::log_file_bytes() const noexcept {
    sqlite3_file* const file = log();
    sqlite3_int64 have = 0;
    return file != nullptr && file->pMethods->xFileSize(file, &have) == SQLITE_OK ? have : 0;
}

// What a change that was undone has left behind the frames of the last commit goes first: it may have all the space that writing
// back needs. The frames themselves go only by SQLite's hand, which knows that they are in the file: a part of them would be
// taken for all there is.
void sqlite_file::shorten_log() {
    const std::int64_t used = log_header_bytes + std::int64_t{log_->frames} * (page_bytes + frame_header_bytes);
    if (log_file_bytes() > used) (void)log()->pMethods->xTruncate(log(), used);
    const int said = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (said != SQLITE_OK) fail(database_.get());
    *log_ = {};
}

void sqlite_file::roll_back() noexcept {
    if (sqlite3_get_autocommit(database_.get()) == 0) {
        sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

}  // namespace sheaf::store
