#include "input/local_file.hpp"

#include <cerrno>
#include <sys/stat.h>
#include <system_error>

#include <sheaf/detail/entity_tag.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {

namespace {

// Running out of descriptors or memory is this worker's trouble now; all else is the file's.
bool is_local_trouble(const std::error_code& why) {
    return why == std::errc::too_many_files_open || why == std::errc::too_many_files_open_in_system ||
           why == std::errc::not_enough_memory;
}

struct stat status_of(const file& of) {
    struct stat status {};
    if (::fstat(of.descriptor(), &status) != 0) {
        throw std::system_error(errno, std::generic_category(), "cannot examine '" + of.path() + "'");
    }
    return status;
}

}  // namespace

void refuse_input(const std::system_error& why) {
    if (is_local_trouble(why.code())) throw why;
    throw unit_refused(std::string(why.what()) +
                       ". The run needs all of its input: check that every worker can read it.");
}

void refuse_changed(const std::string& name, const std::string& how) {
    throw unit_refused("'" + name + "' has changed while the run was reading it: " + how +
                       ". Start the run again when nobody writes to its input.");
}

void check_size(const std::string& name, std::uint64_t planned, std::uint64_t now) {
    if (now == planned) return;
    refuse_changed(name, "it had " + std::to_string(planned) + " bytes and has " + std::to_string(now) + " now");
}

void refuse_torn(const std::string& path) {
    throw unit_refused("'" + path +
                       "' could not be read to its end: the disk reported an error, or the file was "
                       "cut short for a moment. Check the disk, and that nobody writes to the input.");
}

local_file::local_file(const std::string& path, std::uint64_t size, const std::string& tag) : size_(size) {
    try {
        file_ = file::open_read(path);
        const struct stat status = status_of(file_);
        if (!S_ISREG(status.st_mode)) throw unit_refused("cannot map '" + path + "': it is not a regular file.");
        check_size(path, size_, static_cast<std::uint64_t>(status.st_size));
        tag_ = entity_tag(status);
        if (!tag.empty() && tag_ != tag) {
            refuse_changed(path,
                           "it was written to after the run had begun, or is another file here than where that was");
        }
    } catch (const std::system_error& why) {
        refuse_input(why);
    }
}

std::size_t local_file::read_at(std::uint64_t offset, std::span<char> into) {
    try {
        return file_.read_at(offset, into);
    } catch (const std::system_error& why) {
        refuse_input(why);
    }
}

void local_file::check_unchanged() {
    const struct stat status = status_of(file_);
    check_size(name(), size_, static_cast<std::uint64_t>(status.st_size));
    if (entity_tag(status) != tag_) refuse_changed(name(), "it was written to");
}

}  // namespace sheaf::detail
