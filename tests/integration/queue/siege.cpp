#include "integration/queue/siege.hpp"

#include <algorithm>
#include <csignal>
#include <poll.h>
#include <sstream>
#include <unistd.h>

#include "support/eventually.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::uint64_t disk_bytes = std::uint64_t{192} << 20;

const fs::path& made(const fs::path& directory) {
    fs::create_directories(directory);
    return directory;
}

std::vector<std::string> server_arguments(bool forgetful) {
    std::vector<std::string> all{"--listen", "127.0.0.1", "--results-bytes", "4194304", "--background-retries", "2"};
    if (forgetful) all.insert(all.end(), {"--queue-memory", "1"});  // the queue is on the disk alone
    return all;
}

std::vector<std::string> server_environment(const disk_faults& faults, const wrong_clock& clock) {
    std::vector<std::string> all = faults.environment({wrong_clock::library()});
    all.push_back(clock.variable());
    return all;
}

// Of the fields after the name, which may be anything in parentheses, the twelfth and thirteenth.
std::chrono::milliseconds processor_time(pid_t of) {
    const std::string stat = read_file("/proc/" + std::to_string(of) + "/stat");
    std::istringstream fields(stat.substr(stat.rfind(')') + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    long user = 0;
    long system = 0;
    fields >> user >> system;
    return std::chrono::milliseconds(1000 * (user + system) / ::sysconf(_SC_CLK_TCK));
}

}  // namespace

siege::siege(std::uint64_t seed)
    : random_(seed),
      server_(server_arguments(random_() % 2 == 0), server_environment(faults_, clock_)),
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
    one.running = std::make_unique<process>(command{
        {program("tests/queue_load"), one.role, one.name, to_string(one.behind_proxy ? way.where() : server_.where()),
         (server_.notes() / one.name).string(), std::to_string(random_())},
        clock_.environment()});
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

void siege::rest(unsigned at_most) { ::poll(nullptr, 0, static_cast<int>(random_() % at_most)); }

void siege::strike(bool mortal) {
    if (random_() % 3 != 0) begin_condition();
    rest(200);
    if (current_ == nullptr || random_() % 2 == 0) {
        const blow* one = nullptr;
        do {
            one = &blows()[random_() % blows().size()];
        } while (one->ends_server && !mortal);
        ++counts_[last_blow_ = one->name];
        (this->*one->strike)();
    }
    rest(200);
    end_condition();
    rest(300);
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

// ---- The end.

std::string siege::lift() {
    set_clock(2h);  // so that also those are due that were submitted when it was ahead
    notes_.add({.what = fact::healed});
    for (member& one : crew_) {
        if (one.role != "submit") continue;
        one.running->send_signal(SIGKILL);
        one.running->wait();
    }
    if (server_.runs_empty(30s)) notes_.add({.what = fact::drained});
    kill_server();
    notes_.add({.what = fact::healed});
    std::string remains;
    if (server_.runs_empty(30s)) {
        notes_.add({.what = fact::drained});
    } else {
        remains = scene();
    }
    note_dead_letters();
    return complaints(server_.seen()) + remains;
}

// Who is left, and what the server says of it.
std::string siege::scene() {
    std::string text;
    for (member& one : crew_) {
        const bool has_ended = one.running->wait(0ms).has_value();
        text += one.name + (has_ended ? " has ended: " : " runs: ") + one.running->error_output() + "\n";
    }
    raw_peer admin(server_.where());
    for (const std::string question : {"status", "workers", "show jobs"}) {
        admin.send(question + "\n");
        text += question + ":\n";
        for (const std::string& line : admin.receive_list()) text += "  " + line + "\n";
    }
    return text;
}

void siege::note_dead_letters() {
    raw_peer client(server_.where());
    client.send<protocol::packet_type::submit_job>("sheaf.dead", "", "list");
    (void)client.expect(protocol::packet_type::job_created);
    const std::string listed = client.expect(protocol::packet_type::work_complete).data;
    constexpr std::string_view key = "\"handle\":\"";
    for (std::size_t at = listed.find(key); at != std::string::npos; at = listed.find(key, at)) {
        at += key.size();
        notes_.add({.what = fact::dead, .handle = listed.substr(at, listed.find('"', at) - at)});
    }
}

footprint siege::measure() const {
    footprint now;
    const sheafd_process& server = server_.running();
    now.resident_kib = server.resident_kib();
    const fs::path open = "/proc/" + std::to_string(server.child_pid()) + "/fd";
    now.descriptors = static_cast<std::size_t>(std::distance(fs::directory_iterator(open), fs::directory_iterator()));
    for (const auto& file : fs::directory_iterator(server_.data())) now.store_bytes += file.file_size();
    now.processor = processor_time(server.child_pid());
    return now;
}

std::string siege::tally() const {
    std::string text;
    for (const auto& [name, count] : counts_) text += std::to_string(count) + " " + name + ", ";
    return text.substr(0, text.size() - std::min<std::size_t>(text.size(), 2));
}

}  // namespace sheaf::test
