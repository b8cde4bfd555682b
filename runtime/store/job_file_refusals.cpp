#include "store/job_file_refusals.hpp"

#include <sqlite3.h>

#include "sheaf/runtime/error.hpp"
#include "store/log_check.hpp"

namespace sheaf::store {

namespace fs = std::filesystem;

void refuse_job_file(const fs::path& path, const std::string& why) {
    throw runtime_failure({errc::io_error, "the queue " + path.string() + " cannot be used: " + why});
}

void refuse_job_file(const fs::path& path, const sqlite_failure& why) {
    switch (why.code() & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            refuse_job_file(path,
                            "another server has it open. Stop that one, or give this one a directory of its own.");
        case SQLITE_NOTADB:
            refuse_job_file(path, "it is no queue of sheafd. Name another directory, or move the file away.");
        case SQLITE_CORRUPT:
        case SQLITE_ERROR:     // tables that lack something
        case SQLITE_MISMATCH:  // or hold something else
            refuse_job_file(path, std::string("it is damaged (") + why.what() + "). " + way_out_of_damage(path));
        default: refuse_job_file(path, std::string(why.what()) + ". Look after its directory and the disk.");
    }
}

void refuse_damaged_log(const fs::path& path, const std::string& words) {
    refuse_job_file(path, words + " " + way_out_of_damaged_log());
}

std::string way_out_of_damaged_log() {
    return "If there is a better copy of the log, put it in its place. To go on without what is lost, start the server "
           "once with --durability relaxed: it sets the damaged log aside.";
}

void refuse_data_directory(const fs::path& path, const std::string& why) {
    refuse_job_file(path,
                    why +
                        ". Name a directory that sheafd may write to with --data-dir, or have jobs in memory with "
                        "--durability none.");
}

// A log that is left beside another file than its own is written into that, and damages it.
std::string way_out_of_damage(const fs::path& path) {
    return "Put a copy of the queue, as jobs.sqlite, into a directory of its own and give that to the server, or "
           "move " +
           path.filename().string() + " and, if it is there, its log " + log_of(path).filename().string() +
           " away, always together, to begin with an empty queue.";
}

}  // namespace sheaf::store
