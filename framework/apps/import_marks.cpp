#include "apps/import_marks.hpp"

#include <algorithm>
#include <sqlite3.h>
#include <string_view>
#include <xxhash.h>

#include "base/printable.hpp"
#include "store/sqlite_schema.hpp"

namespace sheaf::apps {
namespace {

constexpr std::int64_t application = 0x53686d6b;  // "Shmk"

constexpr const char* schema = R"(
CREATE TABLE target (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE mark (
    target INTEGER NOT NULL,
    row INTEGER NOT NULL,
    content BLOB NOT NULL,
    taken INTEGER NOT NULL,
    sent_after_ms INTEGER NOT NULL,
    PRIMARY KEY (target, row)
) STRICT, WITHOUT ROWID;
PRAGMA application_id = 1399352683;
)";
static_assert(application == 1399352683);

std::array<char, 16> hash_of(std::string_view bytes) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
    std::array<char, 16> made{};
    std::copy_n(reinterpret_cast<const char*>(canonical.digest), made.size(), made.begin());
    return made;
}

using time_point = std::chrono::system_clock::time_point;

std::int64_t milliseconds_of(time_point at) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

std::string_view bytes_of(const row_name& which) { return {which.content.data(), which.content.size()}; }

void make_or_check(store::sqlite_file& file) {
    file.run("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    if (file.number("SELECT count(*) FROM sqlite_schema") == 0) file.run(schema);
    if (file.number("PRAGMA application_id") != application) throw store::sqlite_failure(SQLITE_NOTADB, "");
    file.run("COMMIT");
}

std::int64_t number_of(store::sqlite_file& file, const std::string& name) {
    file.prepare("INSERT OR IGNORE INTO target (name) VALUES (?)").bind(1, name).run();
    auto found = file.prepare("SELECT id FROM target WHERE name = ?");
    found.bind(1, name);
    return found.step() ? found.number(0) : 0;
}

}  // namespace

row_name row_name::of(const gearmand_job& job) {
    const auto payload = hash_of(job.payload);
    std::string all;
    for (const std::string& name : {job.function, job.unique}) all += std::to_string(name.size()) + ':' + name;
    all += std::to_string(static_cast<int>(job.priority)) + ' ' + std::to_string(job.run_at_s) + ' ';
    all.append(payload.data(), payload.size());
    return {.row = job.row, .content = hash_of(all)};
}

import_marks::import_marks(const std::string& file, const std::string& table, const std::string& queue)
    : path_(file + ".imported") {
    try {
        file_.emplace(store::open_private(path_));
        make_or_check(*file_);
        target_ = number_of(*file_, queue + ' ' + table);
    } catch (const store::sqlite_failure& why) {
        fail(why);
    }
}

import_marks::note import_marks::of(const row_name& which) {
    try {
        auto found = file_->prepare("SELECT content, taken, sent_after_ms FROM mark WHERE target = ? AND row = ?");
        found.bind(1, target_).bind(2, which.row);
        if (!found.step() || found.bytes(0) != bytes_of(which)) return {};
        return {.how = found.number(1) != 0 ? mark::taken : mark::sent,
                .before = time_point(std::chrono::milliseconds(found.number(2)))};
    } catch (const store::sqlite_failure& why) {
        fail(why);
    }
}

void import_marks::set(std::span<const row_name> those, const note& what) {
    if (those.empty()) return;
    try {
        file_->run("BEGIN");
        for (const row_name& one : those) set(one, what);
        file_->run("COMMIT");
    } catch (const store::sqlite_failure& why) {
        fail(why);
    }
}

void import_marks::set(const row_name& which, const note& what) {
    if (what.how == mark::none) {
        file_->prepare("DELETE FROM mark WHERE target = ? AND row = ?").bind(1, target_).bind(2, which.row).run();
        return;
    }
    file_->prepare("INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?, ?)")
        .bind(1, target_)
        .bind(2, which.row)
        .bind(3, bytes_of(which))
        .bind(4, std::int64_t{what.how == mark::taken ? 1 : 0})
        .bind(5, milliseconds_of(what.before))
        .run();
}

void import_marks::forget_between(std::int64_t from, std::int64_t to) {
    try {
        file_->prepare("DELETE FROM mark WHERE target = ? AND row > ? AND row < ?")
            .bind(1, target_)
            .bind(2, from)
            .bind(3, to)
            .run();
    } catch (const store::sqlite_failure& why) {
        fail(why);
    }
}

void import_marks::forget_all() {
    try {
        file_->prepare("DELETE FROM mark WHERE target = ?").bind(1, target_).run();
    } catch (const store::sqlite_failure& why) {
        fail(why);
    }
}

void import_marks::fail(const store::sqlite_failure& why) const {
    const std::string name = printable(path_);
    switch (why.code() & 0xff) {
        case SQLITE_BUSY:
            throw runtime_failure({errc::io_error, "another import from this file is under way: it has " + name});
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
        case SQLITE_ERROR:
            throw runtime_failure({errc::malformed, name + " is no note of what has been imported. Move it away; jobs "
                                                           "that are at the server already then come a second time, "
                                                           "unless they have keys and have not ended"});
        default:
            throw runtime_failure(
                {errc::io_error, "cannot note in " + name + " what has been imported: " + std::string(why.what())});
    }
}

}  // namespace sheaf::apps
