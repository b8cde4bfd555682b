#include "fetch/host_exchange.hpp"

#include <algorithm>
#include <utility>

#include "fetch/credentials.hpp"
#include "fetch/exchange_address.hpp"
#include "fetch/fetch_failure.hpp"
#include "output/run_root.hpp"

namespace sheaf::fetch {
namespace {

using clock = std::chrono::steady_clock;

constexpr const char* directory_prefix = "host-";
constexpr std::size_t guests_max = 1000;

enum class news { goes_on, over, none };

// What the driver says of the run.
news ask_driver(http_client& by, const std::string& address, const std::string& secret, const std::stop_token& stop) {
    const auto where = parse_url(address);
    if (!where) return news::none;
    transport_terms terms;
    terms.connect_max = terms.stall_max = std::chrono::milliseconds(5000);
    terms.stop = stop;
    try {
        const auto answer = by.ask("HEAD", *where, {{"Authorization", bearer(secret)}}, terms, 1);
        return answer.status == 401 ? news::over : answer.status == 204 ? news::goes_on : news::none;
    } catch (const fetch_failure&) {
        return news::none;
    }
}

}  // namespace

host_exchange::host_exchange(std::vector<endpoint> servers, run_watch::limits limits)
    : servers_(std::move(servers)), limits_(limits) {}

host_exchange::~host_exchange() {
    {
        const std::lock_guard held(door_);
        over_.request_stop();
        changed_.notify_all();
    }
    if (keeper_.joinable()) keeper_.join();
    server_.reset();  // it may be calling dismiss()
}

basic_result<run_place> host_exchange::admit(const std::string& run, const std::string& secret,
                                             const std::string& driver) {
    const std::lock_guard held(door_);
    const auto found = guests_.find(run);
    if (found == guests_.end()) return take_in(run, secret, driver);
    guest& known = found->second;
    if (!equal_in_constant_time(known.secret, secret)) {
        return error{errc::invalid_argument, "another run of the same id is here"};
    }
    known.driver = driver;
    known.watch.on_sign(clock::now());
    return run_place{known.directory.path().string(), server_->origin() + "/" + run};
}

// The lock is held.
basic_result<run_place> host_exchange::take_in(const std::string& run, const std::string& secret,
                                               const std::string& driver) {
    if (guests_.size() >= guests_max) return error{errc::queue_full, "there are too many runs on this host"};
    const auto root = detail::run_directories_root();
    if (!root) return root.error();
    try {
        if (!server_) {
            detail::leased_directory::sweep(*root, directory_prefix);
            start_serving();
        }
        // Hosts may share a directory that the driver does not see: so the name is this host's own.
        auto made =
            detail::leased_directory::make(*root, directory_prefix, run + "-" + make_secret().substr(0, 8), 0700);
        if (!made) return made.error();
        shelf_.put(run, {secret, open_directory(made->path().string()), {}});
        run_place place{made->path().string(), server_->origin() + "/" + run};
        guests_.emplace(run, guest{std::move(*made), secret, driver, run_watch(limits_, clock::now())});
        changed_.notify_all();
        return place;
    } catch (const runtime_failure& why) {
        return error{errc::io_error, why.what()};
    }
}

void host_exchange::start_serving() {
    const auto address = find_exchange_address(servers_);
    if (!address) throw runtime_failure(address.error());
    exchange_server_options how{.listen = address->listen, .name = address->name};
    how.duties.dismiss = [this](const std::string& run) { dismiss(run); };
    server_ = std::make_unique<exchange_server>(shelf_, std::move(how));
    keeper_ = std::thread([this] { look_after(); });
}

void host_exchange::dismiss(const std::string& run) {
    const std::lock_guard held(door_);
    let_go(run);
}

// The lock is held. Removing many files takes time, so the keeper does it.
void host_exchange::let_go(const std::string& run) {
    shelf_.remove(run);
    const auto found = guests_.find(run);
    if (found == guests_.end()) return;
    leaving_.push_back(std::move(found->second));
    guests_.erase(found);
    changed_.notify_all();
}

std::size_t host_exchange::runs() const {
    const std::lock_guard held(door_);
    return guests_.size();
}

void host_exchange::look_after() {
    std::unique_lock held(door_);
    while (!over_.stop_requested()) {
        if (!leaving_.empty()) {
            auto gone = std::exchange(leaving_, {});
            held.unlock();
            gone.clear();
            held.lock();
            continue;
        }
        const auto first =
            std::ranges::min_element(guests_, {}, [](const auto& one) { return one.second.watch.next_look(); });
        if (first == guests_.end()) {
            changed_.wait(held);
        } else if (first->second.watch.next_look() > clock::now()) {
            changed_.wait_until(held, first->second.watch.next_look());
        } else {
            look_for(std::string(first->first), held);
        }
    }
}

// Asks without the lock; the run may have gone meanwhile.
void host_exchange::look_for(const std::string& run, std::unique_lock<std::mutex>& held) {
    const std::string driver = guests_.at(run).driver;
    const std::string secret = guests_.at(run).secret;
    held.unlock();
    const news heard = ask_driver(client_, driver, secret, over_.get_token());
    held.lock();
    const auto found = guests_.find(run);
    if (found == guests_.end()) return;
    const auto now = clock::now();
    if (heard == news::goes_on) return found->second.watch.on_sign(now);
    if (found->second.watch.on_silence(now) || heard == news::over) let_go(run);
}

}  // namespace sheaf::fetch
