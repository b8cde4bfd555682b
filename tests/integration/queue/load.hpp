// Load for a queue that is being broken: clients who submit and workers who execute, each writing down what it sees. They
// speak the protocol by themselves, connect again for as long as it takes, and use none of our client's code.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "sheaf/runtime/endpoint.hpp"
#include "support/history.hpp"
#include "support/raw_peer.hpp"

namespace sheaf::test {

/// Where the server is now; asked before each attempt to connect.
using address_source = std::function<endpoint()>;

/// A job's payload: its name, and bytes of all values.
[[nodiscard]] std::string make_payload(const std::string& job, std::size_t bytes, std::mt19937_64& random);
/// The name in a payload; of a payload that has none, something that nobody submitted.
[[nodiscard]] std::string job_of(std::string_view payload);

struct submit_terms {
    std::string function = "work";
    std::size_t window = 16;          ///< how many submissions may be without an answer
    std::size_t payload_bytes = 300;  ///< at most
    std::size_t jobs = std::numeric_limits<std::size_t>::max();
    std::chrono::microseconds pause{0};  ///< between two submissions
    /// Of a thousand submissions: those with one of twenty unique keys; of high, and of low priority; for a time of day up
    /// to two seconds ahead.
    unsigned keyed = 0;
    unsigned high = 0;
    unsigned low = 0;
    unsigned delayed = 0;
    /// Every so many acknowledgements the server is asked for a job that it has acknowledged. 0: never.
    std::size_t asked_every = 0;
};

struct work_terms {
    std::string function = "work";
    std::chrono::microseconds takes{0};
    unsigned failing = 0;  ///< of a thousand jobs
};

/// What clients and workers have in common: they talk until they are told to stop, on one connection after the other.
class load_peer {
  public:
    load_peer(std::string who, address_source where, recorder& notes)
        : who_(std::move(who)), where_(std::move(where)), notes_(&notes) {}
    virtual ~load_peer() = default;

    /// Until stop(), from any thread, or until there is nothing more to do.
    void run();
    void stop();

  protected:
    /// Talks to a server, until there is nothing more to do. Throws when the connection is lost.
    virtual void talk(raw_peer& to) = 0;
    [[nodiscard]] bool is_stopped() const noexcept { return stopped_; }
    [[nodiscard]] const std::string& who() const noexcept { return who_; }
    [[nodiscard]] endpoint where() const { return where_(); }
    std::chrono::nanoseconds note(event one) const {
        one.who = who_;
        return notes_->add(std::move(one));
    }

  private:
    class presence;

    std::string who_;
    address_source where_;
    recorder* notes_;
    std::mutex mutex_;
    raw_peer* current_ = nullptr;  // under the mutex
    std::atomic<bool> stopped_ = false;
};

class load_client final : public load_peer {
  public:
    load_client(std::string who, address_source where, recorder& notes, submit_terms how, std::uint64_t seed)
        : load_peer(std::move(who), std::move(where), notes), how_(std::move(how)), random_(seed) {}

    [[nodiscard]] std::size_t acknowledged() const noexcept { return acknowledged_; }
    [[nodiscard]] std::size_t refused() const noexcept { return refused_; }

  private:
    void talk(raw_peer& to) override;
    void submit(raw_peer& to);
    void send(raw_peer& to, const event& job, const std::string& payload) const;
    void hear(raw_peer& from);
    void ask_for(const std::string& handle);

    submit_terms how_;
    std::mt19937_64 random_;
    std::size_t submitted_ = 0;
    std::deque<std::string> unanswered_;
    std::optional<raw_peer> questions_;  // on a connection of their own
    std::deque<std::string> handles_;
    std::atomic<std::size_t> acknowledged_ = 0;
    std::atomic<std::size_t> refused_ = 0;
};

class load_worker final : public load_peer {
  public:
    load_worker(std::string who, address_source where, recorder& notes, work_terms how, std::uint64_t seed = 1)
        : load_peer(std::move(who), std::move(where), notes), how_(std::move(how)), random_(seed) {}

    [[nodiscard]] std::size_t executed() const noexcept { return executed_; }

  private:
    void talk(raw_peer& to) override;
    void execute(raw_peer& by, const owned_packet& job, std::chrono::nanoseconds asked_at);

    work_terms how_;
    std::mt19937_64 random_;
    std::string ending_;  // the job of which the server has not been heard since it was told
    std::atomic<std::size_t> executed_ = 0;
};

/// A load_peer on a thread of its own.
class running_load {
  public:
    explicit running_load(load_peer& one) : one_(&one), thread_([&one] { one.run(); }) {}
    running_load(const running_load&) = delete;
    running_load& operator=(const running_load&) = delete;
    ~running_load() { stop(); }
    void stop() {
        one_->stop();
        join();
    }
    /// Until it has nothing more to do.
    void join() {
        if (thread_.joinable()) thread_.join();
    }

  private:
    load_peer* one_;
    std::thread thread_;
};

}  // namespace sheaf::test
