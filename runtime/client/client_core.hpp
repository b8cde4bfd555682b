// The client's state machine: submissions, packets and time go in; packets, connects and events come out. Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "client/call_table.hpp"
#include "client/query_table.hpp"
#include "client/server_choice.hpp"
#include "peer/server_link.hpp"
#include "protocol/output_buffer.hpp"
#include "protocol/packet.hpp"
#include "sheaf/runtime/client.hpp"

namespace sheaf::runtime {

/// What the core wants done. Its members must not call back into the core. Events of jobs go to their listeners, those of
/// queries to their functions, from within the core's calls: they must not call back either.
class client_sink {
  public:
    virtual ~client_sink() = default;
    /// Where packets for `server`, which is connected, are written.
    virtual protocol::output_buffer& output(std::size_t server) = 0;
    /// Try to connect; connected() or connect_failed() is called later.
    virtual void connect(std::size_t server) = 0;
    /// End the connection or attempt. The core has done with it: disconnected() is not called.
    virtual void close(std::size_t server, const error& why) = 0;
};

/// One client: its calls and its servers. Not thread-safe.
class client_core {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `how.servers` must not be empty. `random` decides the jitter of reconnects.
    client_core(const client_options& how, client_sink& out, peer::random_source random);
    client_core(const client_core&) = delete;
    client_core& operator=(const client_core&) = delete;

    /// `id` must be new; the listener is told the end in any case, perhaps before this returns.
    void submit(call_id id, job_request request, std::shared_ptr<job_listener> listener, std::uint64_t tag,
                time_point now);
    void cancel(call_id id);
    void withdraw(call_id id);
    /// Ends every call with errc::cancelled. What is submitted later ends so at once.
    void cancel_all();
    void ask(query asked, time_point now);

    void connected(std::size_t server, time_point now);
    void connect_failed(std::size_t server, const error& why, time_point now);
    void disconnected(std::size_t server, const error& why, time_point now);
    void packet(std::size_t server, const protocol::packet_view& packet, time_point now);
    void line(std::size_t server, std::string_view line);
    void tick(time_point now);
    /// Ends everything with errc::shutting_down. What is submitted later ends at once.
    void shut_down();

    /// When tick() has to be called, at the latest.
    [[nodiscard]] time_point next_deadline() const noexcept;
    /// How many calls have not ended.
    [[nodiscard]] std::size_t open_calls() const noexcept { return calls_.size(); }
    [[nodiscard]] bool has_queries() const noexcept { return !queries_.empty(); }

  private:
    // Handles are looked up by their text, which only the first call of each handle keeps.
    struct handle_hash {
        using is_transparent = void;
        const call_table* calls;
        std::size_t operator()(std::string_view handle) const noexcept;
        std::size_t operator()(call_index which) const noexcept { return (*this)((*calls)[which].handle); }
    };
    struct handle_equal {
        using is_transparent = void;
        const call_table* calls;
        bool operator()(call_index a, call_index b) const noexcept { return (*calls)[a].handle == (*calls)[b].handle; }
        bool operator()(std::string_view a, call_index b) const noexcept { return a == (*calls)[b].handle; }
        bool operator()(call_index a, std::string_view b) const noexcept { return (*calls)[a].handle == b; }
    };
    using handle_set = boost::unordered_flat_set<call_index, handle_hash, handle_equal>;

    // An answer that has no name and comes in order: JOB_CREATED or OPTION_RES, or ERROR in their place.
    struct expectation {
        call_index submission = no_call;
        query_id option = 0;     ///< of a question; 0 is the option that is set at connect
        bool asks_make = false;  ///< it is the question whether the server is Sheaf's own
    };

    // Whose server it is. Asked only when a call has to know.
    enum class server_make : std::uint8_t { unasked, asked, sheaf, other };

    struct server_state {
        server_state(std::string name, const peer::link_options& how, const call_table& calls)
            : link(std::move(name), how), handles(0, handle_hash{&calls}, handle_equal{&calls}) {}

        peer::server_link link;
        std::deque<expectation> expected;
        handle_set handles;  ///< the first call of every handle that is out
        server_make make = server_make::unasked;
        bool was_there = false;  ///< it has been reached: its address is that of a server
    };

    struct waiting_call {
        call_index which;
        call_id id;
    };

    // Where things go (client_core.cpp).
    [[nodiscard]] std::size_t choose_server(const job_request& request);
    [[nodiscard]] std::size_t first_reachable();
    [[nodiscard]] std::size_t want(std::size_t server);
    void route(call_index which, time_point now);
    void await_server(call_index which, time_point now);
    void route_queries(time_point now);
    [[nodiscard]] std::size_t server_for(query_id id);
    void route_waiting(time_point now);
    [[nodiscard]] bool may_send(call_index which, std::size_t server, time_point now);
    void end_elsewhere(call_index which, std::size_t server);
    void send(call_index which, std::size_t server, time_point now);
    [[nodiscard]] bool is_waiting(const waiting_call& w) const noexcept;
    [[nodiscard]] bool any_connected() const noexcept;
    [[nodiscard]] bool is_busy(std::size_t server) const noexcept;
    void lose(std::size_t server, const error& why, time_point now);
    [[nodiscard]] std::vector<call_index> calls_out_at(std::size_t server);
    void look_after(std::size_t server, time_point now);
    void give_up_unreachable();
    [[nodiscard]] bool outlasts_its_server(call_index which) const noexcept;

    // How calls end, or are submitted again (client_ends.cpp).
    void end(call_index which, job_end how);
    void end_early(call_index which, job_end how);
    void end_or_retry(call_index which, job_end how, time_point now);
    void abandon(call_index which);
    void on_due(call_index which, time_point now);
    void try_is_over(call_index which, time_point now);
    void wait_is_over(call_index which);
    [[nodiscard]] call_index leave_try(call_index which);
    void submit_again(call_index which, const job_end& how, time_point now);
    void take_from_queue(call_index which);
    [[nodiscard]] std::string whereabouts(call_index which) const;
    void end_not_run(call_index which, errc code, std::string message);
    [[nodiscard]] std::string describe(call_index which) const;

    // What servers say (client_packets.cpp).
    void on_created(std::size_t server, std::string_view handle, time_point now);
    void on_error(std::size_t server, std::string_view code, std::string_view text, time_point now);
    void on_option(std::size_t server, time_point now);
    void take_option(server_state& of, bool granted, time_point now);
    void on_work(std::size_t server, const protocol::packet_view& packet, time_point now);
    void on_work_end(call_index first, const protocol::packet_view& packet, time_point now);
    void deliver(call& to, const protocol::packet_view& packet);
    void break_off(std::size_t server, const error& why, time_point now);

    client_options how_;
    client_sink& out_;
    peer::random_source random_;
    call_table calls_;
    query_table queries_;
    std::vector<server_state> servers_;
    server_choice choice_;
    std::vector<waiting_call> waiting_;        ///< for a server; oldest first
    time_point unreachable_at_ = peer::never;  ///< when those are given up
    bool shut_down_ = false;
    bool cancelled_ = false;  ///< cancel_all() was called
};

}  // namespace sheaf::runtime
