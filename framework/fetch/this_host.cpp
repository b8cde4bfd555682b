#include "fetch/this_host.hpp"

#include <utility>

#include "fetch/credentials.hpp"
#include "fetch/http_reader.hpp"
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::fetch {
namespace {

// The supervisor may have given a run up, and its directory: so it is asked again now and then.
constexpr std::chrono::seconds known_for{10};

}  // namespace

this_host& this_host::get() {
    static this_host one;
    return one;
}

void this_host::settle(door_address door, std::vector<endpoint> servers) {
    const std::lock_guard held(mutex_);
    door_ = std::move(door);
    servers_ = std::move(servers);
}

run_place this_host::admit(const std::string& run, const std::string& secret, const std::string& driver) {
    const std::lock_guard held(mutex_);
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(known_, [&](const auto& one) { return now - one.second.asked >= known_for; });
    if (const auto found = known_.find(run); found != known_.end() && found->second.driver == driver) {
        return found->second.place;
    }
    run_place place;
    if (!door_.origin.empty()) {
        place = ask_at_door(client_, door_, run, secret, driver);
    } else {
        if (!own_) own_ = std::make_unique<host_exchange>(servers_);
        auto admitted = own_->admit(run, secret, driver);
        if (!admitted) throw runtime_failure(admitted.error());
        place = std::move(*admitted);
    }
    known_.insert_or_assign(run, known_place{place, driver, now});
    return place;
}

std::unique_ptr<detail::range_reader> this_host::open(const std::string& address, const std::string& secret,
                                                      std::stop_token stop) {
    auto where = parse_url(address);
    if (!where) throw detail::unit_refused(where.error().message + ".");
    remote_terms terms;
    if (!secret.empty()) {
        // Exchange servers do not come back: they are gone, and with them what they had.
        terms.authorization = bearer(secret);
        terms.refusals_max = 2;
    }
    terms.transport.stop = std::move(stop);
    return std::make_unique<http_reader>(client_, *where, std::move(terms));
}

}  // namespace sheaf::fetch
