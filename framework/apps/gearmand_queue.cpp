#include "apps/gearmand_queue.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/printable.hpp"
#include "store/file_pair.hpp"

namespace sheaf::apps {
namespace {

// gearmand's limits.
constexpr std::size_t function_size_max = 512;
constexpr std::size_t unique_size_max = 64;
constexpr std::int64_t time_max_s = 9'000'000'000;  // the year 2255: beyond it no clock of ours goes

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw runtime_failure({errc::io_error, "the queue " + printable(path) + " cannot be read: " + why});
}

void check_table_name(const std::string& table) {
    const auto is_plain = [](unsigned char byte) {
        return byte == '_' || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
               (byte >= 'a' && byte <= 'z');
    };
    if (!table.empty() && std::ranges::all_of(table, is_plain)) return;
    throw runtime_failure({errc::invalid_argument, "\"" + printable(table) + "\" is no name of a table of gearmand's"});
}

store::sqlite_file open(const std::string& path) {
    try {
        return store::sqlite_file::for_reading(path);
    } catch (const store::sqlite_failure& why) {
        refuse(path, std::string(why.what()) +
                         (std::filesystem::exists(path) ? "" : ". It is what gearmand's --libsqlite3-db names."));
    }
}

bool is_of_sheafd(const std::string& path) {
    try {
        return store::sqlite_file::without_log(path).number("PRAGMA application_id") == store::job_file_application;
    } catch (const store::sqlite_failure&) {
        return false;
    }
}

store::sqlite_statement select(const std::string& path, store::sqlite_file& file, const std::string& table) {
    try {
        return file.prepare(
            ("SELECT rowid, function_name, unique_key, priority, when_to_run, data FROM " + table + " ORDER BY rowid")
                .c_str());
    } catch (const store::sqlite_failure& why) {
        if (is_of_sheafd(path)) {
            refuse(path,
                   "it is sheafd's own, not gearmand's. A sheafd whose --data-dir has it as jobs.sqlite has its jobs.");
        }
        refuse(path, std::string(why.what()) + ". --table names the table, if gearmand's --libsqlite3-table did.");
    }
}

// Of a key of 64 bytes gearmand keeps 63 and a NUL.
std::string key_in(std::string_view column) {
    if (column.ends_with('\0')) column.remove_suffix(1);
    return std::string(column);
}

std::string fault_of(const gearmand_job& job, std::int64_t priority) {
    if (job.function.empty()) return "it has no function";
    if (job.function.size() > function_size_max) return "its function's name is too long";
    if (job.unique.size() > unique_size_max) return "its key is too long";
    if (job.function.find('\0') != std::string::npos) return "there is a NUL in its function's name";
    if (job.unique.find('\0') != std::string::npos) return "there is a NUL in its key";
    if (job.function.starts_with("sheaf.")) return "sheafd would take a job of this function for an order to itself";
    if (priority < 0 || priority > 2) return "there is no priority " + std::to_string(priority);
    if (job.run_at_s < 0 || job.run_at_s > time_max_s) return "its time, " + std::to_string(job.run_at_s) + ", is none";
    return {};
}

}  // namespace

std::chrono::system_clock::time_point run_at(const gearmand_job& job) {
    return std::chrono::system_clock::time_point(std::chrono::seconds(job.run_at_s));
}

bool is_for_later(const gearmand_job& job) { return run_at(job) > std::chrono::system_clock::now(); }

gearmand_queue::gearmand_queue(const std::string& path, const std::string& table)
    : path_(path), file_((check_table_name(table), open(path))), rows_(select(path, file_, table)) {}

std::optional<gearmand_job> gearmand_queue::next() {
    try {
        if (!rows_.step()) return std::nullopt;
    } catch (const store::sqlite_failure& why) {
        refuse(path_, why.what());
    }
    const std::int64_t priority = rows_.number(3);
    gearmand_job job{.row = rows_.number(0),
                     .function = std::string(rows_.bytes(1)),
                     .unique = key_in(rows_.bytes(2)),
                     .priority = runtime::job_priority::normal,
                     .run_at_s = rows_.number(4),
                     .payload = std::string(rows_.bytes(5)),
                     .fault = {}};
    job.fault = fault_of(job, priority);
    if (job.fault.empty()) job.priority = static_cast<runtime::job_priority>(priority);  // both count 0 high to 2 low
    return job;
}

}  // namespace sheaf::apps
