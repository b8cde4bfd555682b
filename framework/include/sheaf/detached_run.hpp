// A run of a plan that the servers carry on by themselves. Made by cluster::detach() and cluster::attach().
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/call_options.hpp>
#include <sheaf/detail/call_engine.hpp>
#include <sheaf/detail/plan_graph.hpp>
#include <sheaf/detail/plan_values.hpp>
#include <sheaf/failure.hpp>

namespace sheaf {

/// How a run is detached. Aggregate: name what differs from the defaults.
struct detach_options {
    /// What the run is called: 1 to 63 of the characters A-Z a-z 0-9 . _ and -. A run of the same plan that is there already is not
    /// begun again, and goes on with the item that it was begun with, whatever the item is now: whoever derives the id from what
    /// the run is about may ask any number of times. Empty: a new one.
    ///
    /// Of several servers, which know nothing of each other, one has the run: the id and the set of addresses say which. Programs
    /// that write the addresses alike, in any order, agree on it also when servers are away, and wait for it. For those that
    /// write them otherwise (localhost, 127.0.0.1), or have others besides, all servers that can be reached are asked first whether one has
    /// the run. One that has it and is away cannot say so: then it is begun a second time.
    std::string id{};
    /// How long the server keeps what the run ended with.
    std::chrono::seconds keep = std::chrono::hours(24 * 7);
    /// How long to wait for the server's word that it has the run.
    std::chrono::milliseconds deadline = std::chrono::seconds(30);
};

/// How a run's outcome is taken. Aggregate.
struct take_options {
    /// How long to wait for it. Then: timeout; the run goes on.
    std::chrono::milliseconds deadline = forever;
    /// Who takes it. The same taker may take it again: so a program that dies before it has put the outcome anywhere, and
    /// names itself the same way when it is started again, loses nothing. Empty: nobody else but this object.
    std::string taker{};
    /// Ends the waiting with errc::cancelled; the run goes on.
    std::stop_token stop{};
};

/// Where a detached run is.
enum class detached_state : std::uint8_t {
    unknown,    ///< the server has no such run, or no more
    running,    ///< it goes on
    done,       ///< its outcome can be taken
    failed,     ///< so can its failure
    cancelled,  ///< somebody has cancelled it
};

/// A stage of a detached run: how many of its calls there were so far.
struct detached_stage {
    std::string name{};
    std::uint64_t waiting = 0;  ///< for a worker, or until they are tried again
    std::uint64_t running = 0;
    std::uint64_t done = 0;
};

struct detached_status {
    detached_state state = detached_state::unknown;
    std::vector<detached_stage> stages{};  ///< those of the plan, in its order
    std::string why{};                     ///< a sentence for people: what the run waits for, or why it has failed
    std::string taker{};                   ///< who has taken the outcome; empty: nobody
};

/// Somebody else has taken the run's outcome.
class run_taken : public call_error {
    using call_error::call_error;
};
/// The servers know no run of this id, or no more.
class run_unknown : public call_error {
    using call_error::call_error;
};

namespace detail {

class asked_servers;

/// What is the same for runs of all plans.
class run_remote {
  public:
    /// `engine` is kept. Throws std::invalid_argument for an id that is none.
    run_remote(std::shared_ptr<call_engine> engine, std::shared_ptr<void> lifetime,
               std::shared_ptr<const plan_graph> plan, std::string id);

    /// Throws when the server has not said that it has the run.
    void begin(std::string_view item, const detach_options& how);
    [[nodiscard]] detached_status status(std::chrono::milliseconds deadline) const;
    [[nodiscard]] shared_bytes take(const take_options& how) const;
    bool cancel(std::chrono::milliseconds deadline) const;
    [[nodiscard]] const std::string& id() const noexcept { return id_; }

  private:
    struct limits;  // of the waiting

    [[nodiscard]] std::size_t home() const;
    [[nodiscard]] std::size_t find(const limits& within) const;
    [[nodiscard]] asked_servers ask_those_there(std::size_t only_needed, const limits& within) const;
    [[nodiscard]] std::size_t find_or_choose(const limits& within) const;
    [[nodiscard]] std::size_t choose(const limits& within) const;
    [[nodiscard]] shared_bytes ask(std::string payload, std::size_t server, const limits& within) const;
    [[noreturn]] void throw_silence(error why) const;
    [[noreturn]] void throw_end(std::string_view how, std::string_view rest) const;

    std::shared_ptr<void> lifetime_;  // before what may need it
    std::shared_ptr<call_engine> engine_;
    std::shared_ptr<const plan_graph> plan_;
    std::string id_;
    std::string self_;                                  ///< as a taker
    std::shared_ptr<std::atomic<std::size_t>> server_;  ///< which has it, once that is known
};

/// A new id for a run of `plan`.
[[nodiscard]] std::string new_run_id(const plan_graph& plan);

}  // namespace detail

/// A run that goes on by itself: whoever has its id may look after it and take its outcome, from any program that has the
/// plan. Destroying this changes nothing about the run. Movable and cheap to copy; any thread.
///
///     auto run = cluster.detach(plan, "/books");
///     std::cout << run.id() << '\n';
///     ...                                             // in another program, on another day
///     auto run = cluster.attach(plan, id);
///     std::cout << run.get() << '\n';
template <class Out>
class detached_run {
  public:
    using outcome_type = detail::edge_type<Out>;

    explicit detached_run(detail::run_remote remote) : remote_(std::move(remote)) {}

    [[nodiscard]] const std::string& id() const noexcept { return remote_.id(); }

    /// Throws the classes of failure.hpp when the server does not answer; and schema_mismatch as get() does. Several servers
    /// are all asked at once, and one of them has the run, or it is unknown to all: while one that may have it is away, nobody
    /// knows, and after the deadline that is said.
    [[nodiscard]] detached_status status(std::chrono::milliseconds deadline = std::chrono::seconds(5)) const {
        return remote_.status(deadline);
    }
    /// Waits until the run has ended, and takes its outcome, which only one taker gets. Throws what the task that ended the run
    /// declares, else the classes of failure.hpp: run_taken and run_unknown, timeout, cancelled, a call_error of
    /// errc::incomplete when a step dropped the item, and schema_mismatch when the run is of another plan, or of one with
    /// other steps or types: then nothing is taken.
    /// A server that goes away meanwhile is waited for until the deadline, and for ten minutes when there is none; one that
    /// was never reached, and no other either, for ten seconds (connection_error): its address may be wrong.
    outcome_type get(const take_options& how = {}) const {
        return detail::decode_edge<outcome_type>(remote_.take(how).view());
    }
    /// Ends the run: what waits is dropped, what runs counts no more, and its handlers are told to stop as those of cancelled
    /// calls are, a thousand of them at most. False when it had ended before. Throws run_unknown, and as
    /// status() does.
    bool cancel(std::chrono::milliseconds deadline = std::chrono::seconds(5)) const { return remote_.cancel(deadline); }

  private:
    detail::run_remote remote_;
};

}  // namespace sheaf
