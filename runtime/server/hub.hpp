// The middle of the server: joins sessions, broker and store on one loop, and decides when the server ends.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "broker/core.hpp"
#include "broker/sink.hpp"
#include "net/listener.hpp"
#include "net/loop.hpp"
#include "server/http_session.hpp"
#include "server/service_desk.hpp"
#include "server/session.hpp"
#include "server/store_flow.hpp"
#include "sheaf/runtime/server.hpp"
#include "store/store.hpp"

namespace sheaf::server {

/// Everything is used on the loop's thread, except for the request_ functions.
class hub final : private broker::sink {
  public:
    /// Listens. Throws runtime_failure when it cannot.
    explicit hub(const runtime::server_options& how);
    ~hub() override;

    [[nodiscard]] const std::vector<endpoint>& endpoints() const noexcept { return endpoints_; }
    [[nodiscard]] const std::vector<endpoint>& http_endpoints() const noexcept { return http_endpoints_; }

    /// Serves until the server has ended.
    void run();
    /// From any thread: let running jobs end, then end.
    void request_stop();
    /// From any thread: let running jobs end, however long they take, then end.
    void request_drain();
    /// From any thread: end.
    void request_stop_now();

    // From the sessions.
    void know(session& who);
    void packet(broker::connection_id from, const protocol::packet_view& packet);
    void oversized(broker::connection_id from, const protocol::packet_view& start, std::uint32_t bytes) {
        core_.oversized(from, start, bytes, now());
    }
    void line(broker::connection_id from, std::string_view text) { core_.line(from, text, now()); }
    void gone(broker::connection_id who, const error& why);

  private:
    enum class phase : std::uint8_t {
        serving,
        draining,  ///< running jobs may end
        closing,   ///< connections are flushed and closed; the loop ends when nothing is left
    };

    protocol::output_buffer& frame(broker::connection_id connection) override;
    protocol::output_buffer& late_frame(broker::connection_id connection) override;
    void persist(const broker::job_record& record) override;
    void forget(broker::job_id job) override;
    void complete(const broker::job_record& job, const broker::job_result& result) override;
    void bury(const broker::job_record& job, const broker::cause_of_death& why) override;
    void change_run(const broker::run_change& change) override;
    void reschedule(const broker::job_record& job) override;
    void load(broker::load_ticket name, std::span<const broker::job_id> jobs) override;
    void missing(broker::job_id job) override;
    void serve(broker::service_ticket name, const broker::service_question& question) override;
    void close(broker::connection_id connection, std::string_view reason) override;
    void shut_down(bool graceful) override;

    enum class speech : std::uint8_t { gearman, http };

    void listen(const endpoint& where, speech what, std::vector<endpoint>& all);
    void welcome(net::stream_socket socket, speech what, bool wants_tls);
    [[nodiscard]] std::optional<broker::connection_id> take_id();
    [[nodiscard]] std::unique_ptr<store::store> make_store();
    void answered(std::span<const store::outcome> outcomes);
    void loaded(broker::load_ticket name, store::reply what);
    void replied(store::ticket name, store::reply what);
    [[nodiscard]] std::vector<store::job_number> revive(std::vector<store::job_row> letters);
    void ask(store::ticket name, store::question what);
    void restore_jobs();
    [[nodiscard]] broker::instant now();
    void end_turn();
    void arm_timer();
    void flush_late();
    void drain();
    void limit_drain();
    void close_all();
    void cut_all();
    void count_submitted(std::size_t bytes);
    void count_ended(std::size_t bytes);
    void hold_or_let_go();

    runtime::server_options how_;
    std::shared_ptr<const net::tls_context> tls_;  ///< empty when no address wants it
    net::loop loop_;
    std::unique_ptr<store::store> store_;
    broker::core core_;
    service_desk desk_;
    store_flow submissions_;                        ///< who submits too much is not read from for a while
    store_flow ends_;                               ///< what came of jobs; too much of it, and no others are handed out
    std::vector<broker::connection_id> held_back_;  ///< they have submitted more than the store could take
    bool background_is_held_ = false;
    boost::asio::steady_timer timer_;       ///< for the broker's next deadline
    boost::asio::steady_timer grace_;       ///< for the current phase of the end
    boost::asio::steady_timer late_timer_;  ///< for what is flushed late
    std::vector<std::shared_ptr<net::stream>> late_;
    broker::steady_time armed_ = broker::steady_time::max();
    std::optional<broker::instant> now_;  ///< read once per turn
    bool uncommitted_ = false;
    phase phase_ = phase::serving;
    bool drain_is_limited_ = false;
    std::vector<std::unique_ptr<net::listener>> listeners_;
    std::vector<endpoint> endpoints_;
    std::vector<endpoint> http_endpoints_;
    std::vector<std::unique_ptr<session>> sessions_;  ///< by connection_id; empty where an id is free
    std::vector<broker::connection_id> free_ids_;
};

}  // namespace sheaf::server
