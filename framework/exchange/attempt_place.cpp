#include <algorithm>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "fetch/exchange_target.hpp"
#include "fetch/fetch_file.hpp"
#include "fetch/this_host.hpp"
#include <sheaf/detail/attempt.hpp>
#include <sheaf/detail/attempt_place.hpp>
#include <sheaf/detail/entity_tag.hpp>
#include <sheaf/detail/file.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {
namespace {

using fetch::this_host;

constexpr std::string_view driver_scheme = "driver:";

bool sees_run_directory(const std::string& directory, const std::string& nonce) {
    try {
        const file holder = file::open_read(directory + "/nonce");
        std::string found(nonce.size() + 1, '\0');
        found.resize(holder.read_at(0, found));
        return found == nonce;
    } catch (const std::system_error&) {
        return false;
    }
}

std::string input_address(const run_access& access, const std::string& path) {
    // The driver's address of the run ends with its id, and so does the target's first part.
    const std::string target = to_string(fetch::exchange_target{fetch::exchange_target::kind::input, access.run, path});
    return access.driver + target.substr(1 + access.run.size());
}

// What hooks.open has to open for attempts of this run. Only addresses of the run's own hosts are shown its secret.
remote_opener opener_for(const run_access& access, std::stop_token stop) {
    return [access, stop = std::move(stop)](const std::string& address) {
        this_host& by = this_host::get();
        if (!address.starts_with(driver_scheme)) return by.open(address, {}, stop);
        if (access.driver.empty()) throw unit_refused("'" + address + "' can only be read by way of a driver.");
        return by.open(input_address(access, address.substr(driver_scheme.size())), access.secret, stop);
    };
}

// Whether the file of this name is the one that the driver saw, as on a shared file system.
bool is_the_drivers(const input_piece& what) {
    struct stat about {};
    return ::access(what.path.c_str(), R_OK) == 0 && ::stat(what.path.c_str(), &about) == 0 &&
           entity_tag(about) == what.tag;
}

void find_inputs(std::vector<input_piece>& pieces) {
    const std::string* known = nullptr;  // pieces of one file follow one another
    bool at_driver = false;
    for (input_piece& one : pieces) {
        if (one.path.empty() || is_remote(one.path)) continue;
        if (known == nullptr || *known != one.path) at_driver = !is_the_drivers(one);
        known = &one.path;
        one.at_driver = at_driver;
    }
}

// The file with the side data, once for each host.
void bring(const side_reference& side, const run_access& access, const std::string& directory,
           const std::stop_token& stop) {
    if (side.file.empty()) return;
    const std::string path = directory + "/" + side.file;
    if (::access(path.c_str(), F_OK) == 0) return;
    const std::string pending = path + "-" + unique_suffix();
    fetch::fetch_file(this_host::get(), access.driver + "/" + side.file, access.secret, pending, stop);
    if (::rename(pending.c_str(), path.c_str()) != 0) throw_write_error("rename to", path, errno);
}

fetch::run_place place_for(const run_access& access) {
    try {
        return this_host::get().admit(access.run, access.secret, access.driver);
    } catch (const runtime_failure& why) {
        throw host_refused(std::string(why.what()) + ".");
    }
}

// Segment files by where this host, which has no run directory, finds them.
std::vector<std::string> paths_on(const fetch::run_place& here, const reduce_assignment& what) {
    std::vector<std::string> paths;
    paths.reserve(what.files.size());
    for (const std::string& name : what.files) {
        if (!is_remote(name)) {
            paths.push_back(what.access.driver + "/" + name);
        } else if (name.starts_with(here.address + "/")) {
            paths.push_back(here.directory + name.substr(here.address.size()));
        } else {
            paths.push_back(name);
        }
    }
    return paths;
}

// Segments on other hosts are opened with the secret, wherever they are.
remote_opener segment_opener(const run_access& access, std::stop_token stop) {
    return [access, stop = std::move(stop)](const std::string& address) {
        return this_host::get().open(address, access.secret, stop);
    };
}

reduce_output reduce_with(const reduce_assignment& what, const reduce_assignment& here, attempt_hooks hooks,
                          const std::function<reduce_output(const reduce_assignment&, const attempt_hooks&)>& attempt) {
    hooks.open = segment_opener(what.access, hooks.stop);
    try {
        return attempt(here, hooks);
    } catch (const segment_lost& lost) {
        const auto found = std::ranges::find(here.files, lost.file);
        if (found == here.files.end()) throw;
        throw segment_lost(what.files[static_cast<std::size_t>(found - here.files.begin())], lost.message,
                           lost.unreached);
    }
}

// Before anything is done for it.
void hand_back_if_mine(const std::string& not_by) {
    if (!not_by.empty() && not_by == worker_name()) {
        throw handed_back("Worker " + not_by + " has made the first attempt, and another one is to make the second.");
    }
}

}  // namespace

map_output place_attempt(const map_assignment& what, attempt_hooks hooks,
                         const std::function<map_output(const map_assignment&, const attempt_hooks&)>& attempt) {
    hand_back_if_mine(what.not_by);
    hooks.open = opener_for(what.access, hooks.stop);
    if (sees_run_directory(what.run_directory, what.run_nonce)) return attempt(what, hooks);
    map_output output;
    output.wants_driver = what.access.driver.empty();
    if (output.wants_driver) return output;
    const fetch::run_place place = place_for(what.access);
    map_assignment here = what;
    here.run_directory = place.directory;
    here.run_nonce.clear();
    if (!here.output_directory.empty()) here.output_directory = place.directory;
    find_inputs(here.pieces);
    bring(what.side, what.access, place.directory, hooks.stop);
    output = attempt(here, hooks);
    output.location = place.address;
    return output;
}

reduce_output place_attempt(
    const reduce_assignment& what, attempt_hooks hooks,
    const std::function<reduce_output(const reduce_assignment&, const attempt_hooks&)>& attempt) {
    hand_back_if_mine(what.not_by);
    if (sees_run_directory(what.run_directory, what.run_nonce))
        return reduce_with(what, what, std::move(hooks), attempt);
    reduce_output output;
    output.wants_driver = what.access.driver.empty();
    if (output.wants_driver) return output;
    const fetch::run_place place = place_for(what.access);
    reduce_assignment here = what;
    here.files = paths_on(place, what);
    here.run_directory = here.output_directory = place.directory;
    here.format.record_bytes = 0;  // the common file is elsewhere
    here.run_nonce.clear();
    bring(what.side, what.access, place.directory, hooks.stop);
    output = reduce_with(what, here, std::move(hooks), attempt);
    output.location = place.address;
    return output;
}

sample_output place_attempt(
    const sample_assignment& what, attempt_hooks hooks,
    const std::function<sample_output(const sample_assignment&, const attempt_hooks&)>& attempt) {
    hooks.open = opener_for(what.access, hooks.stop);
    if (sees_run_directory(what.run_directory, what.run_nonce)) return attempt(what, hooks);
    sample_output output;
    output.wants_driver = what.access.driver.empty();
    if (output.wants_driver) return output;
    sample_assignment here = what;
    if (!what.side.file.empty()) here.run_directory = place_for(what.access).directory;
    bring(what.side, what.access, here.run_directory, hooks.stop);
    find_inputs(here.pieces);
    return attempt(here, hooks);
}

}  // namespace sheaf::detail
