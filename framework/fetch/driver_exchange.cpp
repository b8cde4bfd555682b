#include "fetch/driver_exchange.hpp"

#include <exception>
#include <thread>
#include <utility>

#include "fetch/credentials.hpp"
#include "fetch/exchange_address.hpp"
#include "fetch/exchange_target.hpp"
#include "fetch/fetch_failure.hpp"
#include "fetch/fetch_file.hpp"
#include "fetch/this_host.hpp"
#include "fetch/url.hpp"
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::fetch {
namespace {

constexpr std::size_t threads_max = 2;

// One that is gone must not hold the driver up: its files go without us.
constexpr std::chrono::milliseconds farewell_max{1000};

// Away with a run, or a file of it, on another host.
void say_farewell(const std::string& location, const std::string& secret) {
    const auto where = parse_url(location);
    if (!where) return;
    transport_terms terms;
    terms.connect_max = terms.stall_max = farewell_max;
    try {
        (void)this_host::get().client().ask("DELETE", *where, {{"Authorization", bearer(secret)}}, terms, 1);
    } catch (const fetch_failure&) {
        return;
    }
}

// One that does not answer for so long does not, whatever a worker's patience.
constexpr std::chrono::milliseconds look_max{2000};

// When in doubt, it is.
bool is_there(const std::string& location, const std::stop_token& stop) {
    const auto where = parse_url(location);
    if (!where) return true;
    transport_terms terms;
    terms.connect_max = look_max;
    terms.stop = stop;
    try {
        (void)connect_socket(*where, terms);
        return true;
    } catch (const fetch_failure& why) {
        return why.code() != errc::connection_failed;
    }
}

struct errand {
    std::string location;
    std::vector<std::string> files;
    std::string directory;
    std::vector<std::string> names;  // there
};

basic_result<void> run_errand(const errand& what, const std::string& secret, const std::stop_token& stop) {
    try {
        for (std::size_t i = 0; i < what.files.size(); ++i) {
            const std::string& file = what.files[i];
            if (!is_plain_name(file)) return error{errc::malformed, "a worker named '" + file + "' as its file"};
            const std::string address = what.location + "/" + file;
            fetch_file(this_host::get(), address, secret, what.directory + "/" + what.names[i], stop);
            say_farewell(address, secret);
        }
        return {};
    } catch (const detail::host_refused& why) {
        return error{errc::io_error, why.what()};
    } catch (const std::exception& why) {
        return error{errc::job_failed, why.what()};
    }
}

}  // namespace

driver_exchange::driver_exchange(std::string run, std::string directory)
    : run_(std::move(run)), secret_(make_secret()), directory_(std::move(directory)) {}

driver_exchange::~driver_exchange() {
    over_.request_stop();
    threads_.reset();
    removers_.reset();
    shelf_.remove(run_);
    dismiss_hosts();
}

void driver_exchange::open(std::unordered_set<std::string> inputs, const std::vector<endpoint>& servers) {
    if (server_) return;
    const auto at = find_exchange_address(servers);
    if (!at) throw runtime_failure(at.error());
    shelf_.put(run_, {secret_, open_directory(directory_), std::move(inputs)});
    server_ =
        std::make_unique<exchange_server>(shelf_, exchange_server_options{.listen = at->listen, .name = at->name});
    address_ = server_->origin() + "/" + run_;
}

void driver_exchange::note(const std::string& location) {
    if (!location.empty()) hosts_.insert(location);
}

std::vector<std::string> driver_exchange::bring(const std::string& location, const std::vector<std::string>& files,
                                                const std::string& directory,
                                                std::function<void(basic_result<void>)> done) {
    errand what{location, files, directory, {}};
    for (std::size_t i = 0; i < files.size(); ++i)
        what.names.push_back("fetched-" + run_ + "-" + std::to_string(++brought_));
    threads().run([what, secret = secret_, stop = over_.get_token(), done = std::move(done)] {
        done(run_errand(what, secret, stop));
    });
    return what.names;
}

void driver_exchange::remove(const std::string& address) {
    if (!removers_) removers_ = std::make_unique<task_threads>(1);
    removers_->run([address, secret = secret_] { say_farewell(address, secret); });
}

void driver_exchange::look_for_host(const std::string& location, std::function<void(bool)> done) {
    threads().run([location, stop = over_.get_token(), done = std::move(done)] { done(is_there(location, stop)); });
}

task_threads& driver_exchange::threads() {
    if (!threads_) threads_ = std::make_unique<task_threads>(threads_max);
    return *threads_;
}

// All at once, since each may take as long as a host that is gone.
void driver_exchange::dismiss_hosts() {
    std::vector<std::thread> farewells;
    for (const std::string& location : hosts_) {
        farewells.emplace_back([&location, this] { say_farewell(location, secret_); });
    }
    for (std::thread& one : farewells) one.join();
}

}  // namespace sheaf::fetch
