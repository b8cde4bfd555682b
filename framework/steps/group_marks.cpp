#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include <sheaf/detail/file.hpp>
#include <sheaf/detail/group_marks.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {
namespace {

// One death may be chance.
constexpr unsigned deaths_to_blame = 2;

std::string place_of(const reduce_assignment& what, const std::string& key, std::uint64_t group) {
    if (!key.empty()) return "key '" + key + "'";
    return "group " + std::to_string(group) + " of partition " + std::to_string(what.partition);
}

}  // namespace

group_marks::group_marks(const reduce_assignment& what) {
    const std::string prefix = "at-" + std::to_string(what.partition) + "-";
    read_others(what.run_directory, prefix);
    path_ = what.run_directory + "/" + prefix + unique_suffix();
    mark_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (mark_ < 0) throw_write_error("create", path_, errno);
    (void)::flock(mark_, LOCK_EX | LOCK_NB);
}

group_marks::~group_marks() {
    ::unlink(path_.c_str());
    ::close(mark_);
}

void group_marks::read_others(const std::string& directory, const std::string& prefix) {
    std::error_code why;
    for (std::filesystem::directory_iterator at(directory, why), end; !why && at != end; at.increment(why)) {
        if (!at->path().filename().native().starts_with(prefix)) continue;
        const unique_fd mark(::open(at->path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        std::uint64_t group = 0;
        if (!mark || ::flock(mark.get(), LOCK_SH | LOCK_NB) != 0) continue;  // whoever made it lives
        if (::pread(mark.get(), &group, sizeof group, 0) == ssize_t{sizeof group}) ++deaths_[group];
    }
}

bool group_marks::enter() {
    ++group_;
    if (const auto found = deaths_.find(group_); found != deaths_.end() && found->second >= deaths_to_blame)
        return true;
    if (::pwrite(mark_, &group_, sizeof group_, 0) != ssize_t{sizeof group_}) throw_write_error("write", path_, errno);
    return false;
}

void add_deadly_group(const reduce_assignment& what, const std::string& key, std::uint64_t group,
                      std::vector<bad_record>& bad) {
    const std::string place = place_of(what, key, group);
    if (bad.size() >= what.bad_records_max) {
        throw unit_refused("The job's workers die at " + place + ", each time: " + what.died_of +
                           ". Mend the reducer, or let the run leave such groups out (bad_records).");
    }
    bad.push_back({.place = place, .offset = 0, .length = 0, .reason = what.died_of, .bytes = {}});
}

}  // namespace sheaf::detail
