#include "store/backup_in_steps.hpp"

#include <string>
#include <system_error>
#include <utility>

namespace sheaf::store {
namespace fs = std::filesystem;

backup_in_steps::backup_in_steps(sqlite_file& source, fs::path directory, const batch_answers& tell)
    : source_(source), directory_(std::move(directory)), tell_(tell) {}

void backup_in_steps::begin(ticket name, const backup& what) {
    const fs::path target = directory_ / (what.name + ".sqlite");
    std::error_code why;
    fs::create_directories(directory_, why);
    fs::permissions(directory_, fs::perms::owner_all, why);
    if (running_) return tell_.question(name, error{errc::io_error, "another copy is being made; wait for it"});
    if (fs::exists(target, why)) {
        return tell_.question(name, error{errc::io_error, target.string() + " is there; choose another name"});
    }
    try {
        running_.emplace(name, sqlite_backup(source_, target));
    } catch (const sqlite_failure& failure) {
        tell_.question(
            name, error{errc::io_error, "store_io: " + target.string() + " cannot be made (" + failure.what() + ")"});
    }
}

void backup_in_steps::go_on() {
    if (!running_) return;
    reply said = error{errc::io_error, "store_io: the copy was not finished"};
    try {
        if (!running_->copy.go_on()) return;
        said = backed_up{.path = running_->copy.target().string(), .bytes = running_->copy.bytes()};
    } catch (const sqlite_failure& why) {
        said = error{errc::io_error, std::string("store_io: the copy was not finished (") + why.what() + ")"};
    }
    const ticket name = running_->name;
    running_.reset();
    tell_.question(name, std::move(said));
}

}  // namespace sheaf::store
