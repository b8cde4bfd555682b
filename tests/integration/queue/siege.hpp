// A queue under siege: a server, clients and workers as processes, some of them behind proxies, a small disk, and every fault that
// the tools can make. Each fault is written down, so that what it excuses is known.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "integration/queue/load.hpp"
#include "integration/queue/queue_server.hpp"
#include "support/disk_faults.hpp"
#include "support/fault_proxy.hpp"
#include "support/small_disk.hpp"
#include "support/wrong_clock.hpp"

namespace sheaf::test {

/// What a server holds, in numbers.
struct footprint {
    long resident_kib = 0;
    std::size_t descriptors = 0;
    std::uintmax_t store_bytes = 0;
    std::chrono::milliseconds processor{0};  ///< that it has used in its life
};

class siege {
  public:
    /// Starts everything. Chances follow from `seed`.
    explicit siege(std::uint64_t seed);
    siege(const siege&) = delete;
    siege& operator=(const siege&) = delete;
    ~siege();

    /// One fault, or one while another lasts, for some hundred milliseconds. `mortal`: the server may be ended, too.
    void strike(bool mortal);
    /// Lets the queue run empty, and judges what was seen: what is wrong, for people.
    [[nodiscard]] std::string lift();

    [[nodiscard]] footprint measure() const;
    /// How often each fault was made, for people.
    [[nodiscard]] std::string tally() const;
    [[nodiscard]] endpoint where() const { return server_.where(); }
    /// By the proxy that clients use, too.
    [[nodiscard]] endpoint way_in() const { return clients_way_.where(); }
    [[nodiscard]] recorder& notes() { return notes_; }
    [[nodiscard]] queue_server& server() { return server_; }

  private:
    /// A state of things that is worse than usual, for a while.
    struct condition {
        const char* name;
        void (siege::*begin)();
        void (siege::*end)();
    };
    /// What is over as soon as it has been done.
    struct blow {
        const char* name;
        bool ends_server;
        void (siege::*strike)();
    };
    /// A client or worker of the crew.
    struct member {
        std::string role;
        std::string name;
        bool behind_proxy;
        std::unique_ptr<process> running;
    };
    static const std::vector<condition>& conditions();
    static const std::vector<blow>& blows();

    void enlist(member& one);
    member& any(const std::string& role);
    void note_fault(std::chrono::nanoseconds began, const std::string& who = {});
    void note_fault_of_proxied(const std::string& role, std::chrono::nanoseconds began);
    /// Lets up to so many milliseconds pass.
    void rest(unsigned at_most);
    void note_dead_letters();
    std::string scene();
    void begin_condition();
    void end_condition();

    void slow_network();
    void narrow_network();
    void stalled_network();
    void heal_network();
    void deaf_network();
    void reset_network();
    void spoil_bystanders();
    void slow_sync();
    void failing_writes();
    void heal_disk();
    void full_disk();
    void clear_disk();
    void clock_ahead();
    void clock_behind();
    void clock_right();

    void kill_server();
    void stop_server();
    void end_server();
    void break_sync();
    void exit_at_write();
    void kill_worker();
    void stop_worker();
    void kill_client();
    void cut_connections();
    void cut_within_packets();
    void half_close();

    void set_clock(std::chrono::seconds ahead);
    void revive(std::chrono::nanoseconds died);
    void await_end_of_server(std::chrono::nanoseconds began, std::optional<disk_faults::rule_number> cause = {});

    std::mt19937_64 random_;
    disk_faults faults_;
    wrong_clock clock_;  // everybody sees the same
    queue_server server_;
    small_disk disk_;
    recorder notes_;
    fault_proxy clients_way_;
    fault_proxy workers_way_;
    fault_proxy bystanders_way_;
    std::vector<member> crew_;
    std::size_t recruits_ = 0;
    const condition* current_ = nullptr;
    std::chrono::nanoseconds since_{0};
    disk_faults::rule_number lasting_ = 0;
    std::string last_blow_;
    std::map<std::string, std::size_t> counts_;

    recorder unread_;  // bystanders whose bytes are changed have no history that could be right
    load_client noise_;
    load_worker noise_worker_;
    running_load noise_running_;
    running_load noise_worker_running_;
};

}  // namespace sheaf::test
