// Attempts on hosts that have no part of the run's directory.
#include <optional>
#include <unordered_set>

#include "map_reduce/driver.hpp"
#include <sheaf/detail/byte_reader.hpp>
#include <sheaf/server_status.hpp>

namespace sheaf::detail {
namespace {

constexpr std::chrono::seconds server_patience{5};

std::vector<endpoint> servers_of(call_engine& engine) {
    std::vector<endpoint> servers;
    for (const server_report& one : ask_status(engine.client(), server_patience)) {
        if (auto where = parse_endpoint(one.server)) servers.push_back(std::move(*where));
    }
    return servers;
}

std::unordered_set<std::string> files_in(const std::vector<std::vector<input_piece>>& splits) {
    std::unordered_set<std::string> paths;
    for (const auto& pieces : splits) {
        for (const input_piece& one : pieces) {
            if (!one.path.empty() && !is_remote(one.path)) paths.insert(one.path);
        }
    }
    return paths;
}

}  // namespace

run_access run_driver::access() const { return {exchange_.run(), exchange_.secret(), exchange_.address()}; }

// Nothing is served before somebody says that it has to be.
void run_driver::submit_with_address(const unit_attempt& attempt) {
    try {
        if (!exchange_.is_open()) exchange_.open(files_in(state_.account.splits()), servers_of(engine_));
    } catch (const runtime_failure& why) {
        throw_failed({errc::io_error, "workers do not see the run's directory " + state_.work.path().string() +
                                          ", and it cannot be served to them: " + why.what() +
                                          "; SHEAF_EXCHANGE_ADDRESS names the address of this host that they reach"});
    }
    plan_.note_several_hosts();
    submit(attempt);
}

bool run_driver::bring(const flight& one, const std::string& location, const std::vector<std::string>& files,
                       const raw_result& outcome) {
    if (location.empty() || !one.brought.empty()) return false;
    exchange_.note(location);
    const std::uint64_t tag = ++last_tag_;
    flight& waiting = flights_[tag];
    waiting = one;
    waiting.brought = exchange_.bring(
        location, files, state_.output.staging().string(), [events = events_, tag, outcome](basic_result<void> done) {
            if (done) return events->on_result(tag, outcome);
            events->on_result(tag, failure_of({done.error().code, "the output is lost: " + done.error().message}));
        });
    return true;
}

bool run_driver::bring(const flight& one, map_output& made, const raw_result& outcome) {
    if (bring(one, made.location, {made.file}, outcome)) return true;
    if (!one.brought.empty()) made.file = one.brought.front();
    return false;
}

bool run_driver::bring(const flight& one, reduce_output& made, const raw_result& outcome) {
    std::vector<std::string> files{made.file};
    files.insert(files.end(), made.more_files.begin(), made.more_files.end());
    if (bring(one, made.location, files, outcome)) return true;
    if (one.brought.empty()) return false;
    made.file = one.brought.front();
    made.more_files.assign(one.brought.begin() + 1, one.brought.end());
    return false;
}

}  // namespace sheaf::detail
