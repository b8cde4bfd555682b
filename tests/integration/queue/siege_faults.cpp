// The faults of a siege, one function for each.
#include <csignal>

#include "integration/queue/siege.hpp"

namespace sheaf::test {

using namespace std::chrono_literals;

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

// ---- The network.

void siege::slow_network() {
    const std::chrono::milliseconds each_way(random_() % 30);
    for (fault_proxy* one : {&clients_way_, &workers_way_}) {
        for (const auto way : {fault_proxy::way::to_server, fault_proxy::way::to_client})
            one->set(way, {.delay = each_way});
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
    heal_network();  // first, or who connects again at once would miss something, too
    clients_way_.reset_all();
    workers_way_.reset_all();
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
    rest(100);
    for (fault_proxy* one : {&clients_way_, &workers_way_}) one->reset_all();  // also those that said nothing
    note_fault_of_proxied("work", began);
}

void siege::half_close() {
    const auto began = steady_now();
    fault_proxy& one = random_() % 2 == 0 ? clients_way_ : workers_way_;
    one.half_close(random_() % 2 == 0 ? fault_proxy::way::to_server : fault_proxy::way::to_client);
    rest(100);
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

void siege::set_clock(std::chrono::seconds ahead) {
    const auto began = steady_now();
    clock_.set(ahead);
    note_fault(began, "clock");
}
void siege::clock_ahead() { set_clock(1h); }
void siege::clock_behind() { set_clock(-1h); }
void siege::clock_right() { set_clock(0s); }

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
    // A job may run that never ends: who asks twice does not want to wait.
    if (!server_.running().child().wait(500ms)) server_.running().child().send_signal(SIGTERM);
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
    rest(400);
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
    rest(400);
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

}  // namespace sheaf::test
