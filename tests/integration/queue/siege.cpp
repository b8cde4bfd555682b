#include "integration/queue/siege.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <poll.h>

#include "support/eventually.hpp"
#include "support/faketime.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::uint64_t disk_bytes = std::uint64_t{192} << 20;

const fs::path& made(const fs::path& directory) {
    fs::create_directories(directory);
    return directory;
}

// Everybody sees the same wall clock, which is wrong at times.
std::vector<std::string> wrong_clock(const fs::path& at) {
    return {"FAKETIME_TIMESTAMP_FILE=" + (at / "clock").string(), "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1"};
}

std::vector<std::string> server_environment(const disk_faults& faults, const fs::path& at) {
    std::ofstream(at / "clock") << "+0s\n";
    std::vector<std::string> all = faults.environment({faketime_library()});
    for (std::string& one : wrong_clock(at)) all.push_back(std::move(one));
    return all;
}

void rest(std::chrono::milliseconds time) { ::poll(nullptr, 0, static_cast<int>(time.count())); }

}  // namespace

const std::vector<siege::condition>& siege::conditions() {
    static const std::vector<condition> all{
        {"slow network", &siege::slow_network, &siege::heal_network},
        {"narrow network", &siege::narrow_network, &siege::heal_network},
        {"stalled network", &siege::stalled_network, &siege::heal_network},
        {"one-way network", &siege::deaf_network, &siege::reset_network},
        {"changed bytes", &siege::spoil_bystanders, &siege::heal_network},
        {"slow syncs", &siege::slow_sync, &siege::heal_disk},
        {"failing writes", &siege::failing_writes, &siege::heal_disk},
        {"full disk", &siege::full_disk, &siege::clear_disk},
        {"clock an hour ahead", &siege::clock_ahead, &siege::clock_right},
        {"clock an hour behind", &siege::clock_behind, &siege::clock_right},
    };
    return all;
}

const std::vector<siege::blow>& siege::blows() {
    static const std::vector<blow> all{
        {"server killed", true, &siege::kill_server},
        {"server ended", true, &siege::end_server},
        {"sync failed", true, &siege::break_sync},
        {"server gone at a write", true, &siege::exit_at_write},
        {"server stopped", false, &siege::stop_server},
        {"worker killed", false, &siege::kill_worker},
        {"worker stopped", false, &siege::stop_worker},
        {"client killed", false, &siege::kill_client},
        {"connections reset", false, &siege::cut_connections},
        {"connections reset within packets", false, &siege::cut_within_packets},
        {"connections half closed", false, &siege::half_close},
    };
    return all;
}

siege::siege(std::uint64_t seed)
    : random_(seed),
      server_({"--listen", "127.0.0.1", "--results-bytes", "4194304"}, server_environment(faults_, place_.path())),
      disk_(made(server_.data()), disk_bytes),
      notes_(server_.notes() / "siege"),
      clients_way_((server_.start(), server_.running().endpoints().at(1)), random_()),
      workers_way_(server_.running().endpoints().at(1), random_()),
      bystanders_way_(server_.running().endpoints().at(1), random_()),
      unread_("/dev/null"),
      noise_(
          "noise", [this] { return bystanders_way_.where(); }, unread_, {.function = "noise", .pause = 20ms},
          random_()),
      noise_worker_("noise", [this] { return bystanders_way_.where(); }, unread_, {.function = "noise"}),
      noise_running_(noise_),
      noise_worker_running_(noise_worker_) {
    crew_.push_back({"submit", {}, false, {}});
    crew_.push_back({"submit", {}, true, {}});
    crew_.push_back({"work", {}, false, {}});
    crew_.push_back({"work", {}, true, {}});
    crew_.push_back({"work", {}, true, {}});
    for (member& one : crew_) enlist(one);
}

siege::~siege() {
    noise_.stop();
    noise_worker_.stop();
}

// Everyone who starts again is somebody else, also in the notes.
void siege::enlist(member& one) {
    one.name = one.role + "-" + std::to_string(++recruits_);
    const fault_proxy& way = one.role == "work" ? workers_way_ : clients_way_;
    std::vector<std::string> environment = wrong_clock(place_.path());
    environment.push_back("LD_PRELOAD=" + faketime_library());
    one.running = std::make_unique<process>(command{
        {program("tests/queue_load"), one.role, one.name, to_string(one.behind_proxy ? way.where() : server_.where()),
         (server_.notes() / one.name).string(), std::to_string(random_())},
        std::move(environment)});
}

siege::member& siege::any(const std::string& role) {
    for (;;) {
        member& one = crew_[random_() % crew_.size()];
        if (one.role == role) return one;
    }
}

void siege::note_fault(std::chrono::nanoseconds began, const std::string& who) {
    notes_.add({.what = fact::fault, .who = who, .asked_at = began});
}

void siege::note_fault_of_proxied(const std::string& role, std::chrono::nanoseconds began) {
    for (const member& one : crew_) {
        if (one.behind_proxy && one.role == role) note_fault(began, one.name);
    }
}

std::chrono::milliseconds siege::some_time(int at_most) {
    return std::chrono::milliseconds(random_() % static_cast<unsigned>(at_most));
}

void siege::strike(bool mortal) {
    if (random_() % 3 != 0) begin_condition();
    rest(some_time(200));
    if (current_ == nullptr || random_() % 2 == 0) {
        const blow* one = nullptr;
        do {
            one = &blows()[random_() % blows().size()];
        } while (one->ends_server && !mortal);
        ++counts_[last_blow_ = one->name];
        (this->*one->strike)();
    }
    rest(some_time(200));
    end_condition();
    rest(some_time(300));
}

void siege::begin_condition() {
    current_ = &conditions()[random_() % conditions().size()];
    ++counts_[current_->name];
    since_ = steady_now();
    (this->*current_->begin)();
}

void siege::end_condition() {
    if (current_ != nullptr) (this->*std::exchange(current_, nullptr)->end)();
}

// ---- The network.

void siege::slow_network() {
    for (fault_proxy* way : {&clients_way_, &workers_way_}) {
        way->set(fault_proxy::way::to_server, {.delay = some_time(30)});
        way->set(fault_proxy::way::to_client, {.delay = some_time(30)});
    }
}

void siege::narrow_network() {
    for (fault_proxy* way : {&clients_way_, &workers_way_})
        way->set(fault_proxy::way::to_server, {.bytes_per_second = 5000});
}

void siege::stalled_network() {
    fault_proxy& way = random_() % 2 == 0 ? clients_way_ : workers_way_;
    way.set(random_() % 2 == 0 ? fault_proxy::way::to_server : fault_proxy::way::to_client, {.stalled = true});
}

void siege::heal_network() {
    for (fault_proxy* way : {&clients_way_, &workers_way_, &bystanders_way_}) way->heal();
}

// TCP never loses a part of a stream and goes on: connections that missed something end.
void siege::deaf_network() {
    fault_proxy& way = random_() % 2 == 0 ? clients_way_ : workers_way_;
    way.set(random_() % 2 == 0 ? fault_proxy::way::to_server : fault_proxy::way::to_client, {.dropped = true});
}

void siege::reset_network() {
    clients_way_.reset_all();
    workers_way_.reset_all();
    heal_network();
    note_fault_of_proxied("work", since_);
}

void siege::spoil_bystanders() {
    for (const auto way : {fault_proxy::way::to_server, fault_proxy::way::to_client}) {
        bystanders_way_.set(way, {.corrupted = 300});
    }
}

void siege::cut_connections() {
    const auto began = steady_now();
    clients_way_.reset_all();
    workers_way_.reset_all();
    note_fault_of_proxied("work", began);
}

void siege::cut_within_packets() {
    const auto began = steady_now();
    const auto way = random_() % 2 == 0 ? fault_proxy::way::to_server : fault_proxy::way::to_client;
    for (fault_proxy* one : {&clients_way_, &workers_way_}) one->reset_within_next(way);
    rest(some_time(100));
    for (fault_proxy* one : {&clients_way_, &workers_way_}) one->reset_all();  // also those that said nothing
    note_fault_of_proxied("work", began);
}

void siege::half_close() {
    const auto began = steady_now();
    fault_proxy& one = random_() % 2 == 0 ? clients_way_ : workers_way_;
    one.half_close(random_() % 2 == 0 ? fault_proxy::way::to_server : fault_proxy::way::to_client);
    rest(some_time(100));
    one.reset_all();
    if (&one == &workers_way_) note_fault_of_proxied("work", began);
}

// ---- The disk and the clock.

void siege::slow_sync() {
    lasting_ =
        faults_.arm({.of = shim::call::sync, .what = shim::action::delay, .milliseconds = 50, .file = "jobs.sqlite"});
}

void siege::failing_writes() {
    lasting_ = faults_.arm({.error = random_() % 2 == 0 ? EIO : ENOSPC,
                            .file = "jobs.sqlite",
                            .passing = static_cast<int>(random_() % 20)});
}

void siege::heal_disk() { faults_.disarm(lasting_); }
void siege::full_disk() { disk_.fill(); }
void siege::clear_disk() { disk_.clear(); }

// In one step, so that nobody reads half of it.
void siege::set_clock(const std::string& offset) {
    const auto began = steady_now();
    std::ofstream(place_ / "clock.new") << offset << '\n';
    fs::rename(place_ / "clock.new", place_ / "clock");
    note_fault(began, "clock");
}
void siege::clock_ahead() { set_clock("+3600s"); }
void siege::clock_behind() { set_clock("-3600s"); }
void siege::clock_right() { set_clock("+0s"); }

// ---- Processes.

// A server does not start on a disk that is full or fails; who runs it sees to that first.
void siege::revive(std::chrono::nanoseconds died) {
    try {
        server_.start();
    } catch (const peer_failure&) {
        end_condition();
        server_.start();
    }
    for (fault_proxy* way : {&clients_way_, &workers_way_, &bystanders_way_}) {
        way->lead_to(server_.running().endpoints().at(1));
        way->reset_all();
    }
    note_fault(died);
}

void siege::await_end_of_server(std::chrono::nanoseconds began, std::optional<disk_faults::rule_number> cause) {
    if (!server_.running().child().wait(1s)) {
        const std::string during = current_ == nullptr ? "nothing else" : current_->name;
        end_condition();  // nothing can end while the network is stalled
        if (!server_.running().child().wait()) {
            throw peer_failure("the server did not end after: " + last_blow_ + ", during: " + during +
                               "; it said: " + server_.running().child().error_output());
        }
    }
    if (cause) faults_.disarm(*cause);
    revive(began);
}

void siege::kill_server() {
    const auto began = steady_now();
    server_.kill();
    revive(began);
}

void siege::end_server() {
    const auto began = steady_now();
    server_.running().child().send_signal(SIGTERM);
    await_end_of_server(began);
}

void siege::break_sync() {
    const auto began = steady_now();
    const auto cause = faults_.arm({.of = shim::call::sync, .error = EIO, .file = "jobs.sqlite"});
    await_end_of_server(began, cause);
}

void siege::exit_at_write() {
    const auto began = steady_now();
    const auto cause = faults_.arm({.of = shim::call::write,
                                    .what = random_() % 2 == 0 ? shim::action::exit : shim::action::exit_after,
                                    .file = "jobs.sqlite",
                                    .passing = static_cast<int>(random_() % 20)});
    await_end_of_server(began, cause);
}

void siege::stop_server() {
    server_.running().child().send_signal(SIGSTOP);
    rest(some_time(400));
    server_.running().child().send_signal(SIGCONT);
}

void siege::kill_worker() {
    member& one = any("work");
    const auto began = steady_now();
    one.running->send_signal(SIGKILL);
    one.running->wait();
    note_fault(began, one.name);
    enlist(one);
}

void siege::stop_worker() {
    const member& one = any("work");
    one.running->send_signal(SIGSTOP);
    rest(some_time(400));
    one.running->send_signal(SIGCONT);
}

void siege::kill_client() {
    member& one = any("submit");
    const auto began = steady_now();
    one.running->send_signal(SIGKILL);
    one.running->wait();
    note_fault(began, one.name);
    enlist(one);
}

// ---- The end.

std::string siege::lift() {
    set_clock("+7200s");  // so that also those are due that were submitted when it was ahead
    notes_.add({.what = fact::healed});
    for (member& one : crew_) {
        if (one.role != "submit") continue;
        one.running->send_signal(SIGKILL);
        one.running->wait();
    }
    if (server_.runs_empty(30s)) notes_.add({.what = fact::drained});
    kill_server();
    notes_.add({.what = fact::healed});
    if (server_.runs_empty(30s)) notes_.add({.what = fact::drained});
    return complaints(server_.seen());
}

footprint siege::measure() const {
    footprint now;
    const sheafd_process& server = server_.running();
    now.resident_kib = server.resident_kib();
    const fs::path open = "/proc/" + std::to_string(server.child_pid()) + "/fd";
    now.descriptors = static_cast<std::size_t>(std::distance(fs::directory_iterator(open), fs::directory_iterator()));
    for (const auto& file : fs::directory_iterator(server_.data())) now.store_bytes += file.file_size();
    return now;
}

std::string siege::tally() const {
    std::string text;
    for (const auto& [name, count] : counts_) text += std::to_string(count) + " " + name + ", ";
    return text.substr(0, text.size() - std::min<std::size_t>(text.size(), 2));
}

}  // namespace sheaf::test
