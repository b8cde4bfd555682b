// Whatever the network does, every call ends exactly once, with the right result; and without faults every call completes, although
// handlers fail, jobs are ended by others than their handlers, and workers take their offers back for a while.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "network.hpp"

namespace sheaf::test {
namespace {

using runtime::job_answer;
using runtime::job_end;

/// What the handler makes of a payload, piece by piece and at last.
std::vector<std::string> pieces_of(std::string_view payload) {
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < payload.size() % 4; ++i)
        pieces.push_back(std::string(payload) + "#" + std::to_string(i));
    return pieces;
}
std::string result_of(std::string_view payload) { return std::string(payload) + "!"; }

struct sim_options {
    bool faults = false;
    std::size_t servers = 1;
};

class sim_client : public sim_peer, public runtime::client_sink, public runtime::job_listener {
  public:
    struct expectation {
        std::string payload;
        bool unique = false;
        int ends = 0;
        job_end::kind how{};
        std::vector<std::string> pieces;
    };

    sim_client(sim_world& world, std::vector<sim_server*> servers, bool faults)
        : world_(world), servers_(std::move(servers)), faults_(faults) {
        runtime::client_options how;
        for (std::size_t i = 0; i < servers_.size(); ++i)
            how.servers.push_back({"s", static_cast<std::uint16_t>(i), {}});
        core_ = std::make_unique<runtime::client_core>(how, *this, [this] { return world_.fraction(); });
    }

    void submit_one() {
        const std::uint64_t id = calls_.size();
        runtime::job_request request;
        request.function = "f";
        const bool unique = world_.chance(0.4);
        const std::string payload = (unique ? "key" : "lone") + std::string(world_.below(4), 'x') +
                                    std::to_string(unique ? world_.below(3) : id);
        if (unique) request.unique = payload;
        request.payload = shared_bytes(std::string_view(payload));
        request.resubmit = world_.chance(0.5);
        request.retries = 20;  // of which one in ten fails
        if (world_.chance(0.3)) request.retry_pause = std::chrono::milliseconds(world_.below(50));
        if (faults_ && world_.chance(0.3)) request.try_timeout = std::chrono::milliseconds(1 + world_.below(1000));
        if (faults_ && world_.chance(0.5))
            request.deadline = world_.now() + std::chrono::milliseconds(1 + world_.below(3000));
        calls_.push_back({payload, unique, 0, {}, {}});
        core_->submit(id, std::move(request), std::shared_ptr<job_listener>(std::shared_ptr<void>(), this), id,
                      world_.now());
    }
    void cancel_one() {
        if (!calls_.empty()) core_->cancel(world_.below(calls_.size()));
    }

    void on_data(std::uint64_t tag, const shared_bytes& data) override {
        EXPECT_EQ(calls_[tag].ends, 0) << "data after the end";
        calls_[tag].pieces.emplace_back(data.view());
    }
    void on_retry(std::uint64_t tag, std::uint32_t, const job_end&) override {
        EXPECT_EQ(calls_[tag].ends, 0) << "a retry after the end";
        calls_[tag].pieces.clear();
    }
    void on_end(std::uint64_t tag, job_end end) override {
        expectation& call = calls_[tag];
        ++call.ends;
        call.how = end.how;
        if (end.how == job_end::kind::complete) {
            EXPECT_EQ(end.data.view(), result_of(call.payload));
        }
    }

    // sim_peer
    void peer_connected(std::size_t server) override { core_->connected(server, world_.now()); }
    void peer_refused(std::size_t server) override {
        core_->connect_failed(server, {errc::connection_failed, "no"}, world_.now());
    }
    void peer_lost(std::size_t server) override {
        core_->disconnected(server, {errc::connection_lost, "cut"}, world_.now());
    }
    void peer_packet(std::size_t server, const protocol::packet_view& packet) override {
        core_->packet(server, packet, world_.now());
    }

    // client_sink
    protocol::output_buffer& output(std::size_t server) override { return servers_[server]->output_of(*this); }
    void connect(std::size_t server) override {
        servers_[server]->request(*this, server, faults_ && world_.chance(0.3));
    }
    void close(std::size_t server, const error&) override { servers_[server]->hang_up(*this); }

    [[nodiscard]] runtime::client_core& core() noexcept { return *core_; }
    [[nodiscard]] const std::vector<expectation>& calls() const noexcept { return calls_; }

  private:
    sim_world& world_;
    std::vector<sim_server*> servers_;
    bool faults_;
    std::vector<expectation> calls_;
    std::unique_ptr<runtime::client_core> core_;
};

class sim_worker : public sim_peer, public runtime::worker_sink {
  public:
    sim_worker(sim_world& world, std::vector<sim_server*> servers, bool faults)
        : world_(world), servers_(std::move(servers)), faults_(faults) {
        runtime::worker_options how;
        how.slots = slots_ = 1 + world_.below(3);
        how.keepalive_silence = 10s;
        for (std::size_t i = 0; i < servers_.size(); ++i)
            how.servers.push_back({"s", static_cast<std::uint16_t>(i), {}});
        std::vector<runtime::offered_function> functions;
        functions.push_back({.name = "f"});
        core_ = std::make_unique<runtime::worker_core>(how, std::move(functions), *this,
                                                       [this] { return world_.fraction(); });
        core_->start();
    }

    /// Takes the offer back for a while.
    void rest(std::chrono::microseconds time) {
        if (!std::exchange(offers_, false)) return;
        core_->withdraw("f");
        world_.after(time, [this] {
            offers_ = true;
            core_->offer({.name = "f"});
        });
    }

    // sim_peer
    void peer_connected(std::size_t server) override { core_->connected(server, world_.now()); }
    void peer_refused(std::size_t server) override {
        core_->connect_failed(server, {errc::connection_failed, "no"}, world_.now());
    }
    void peer_lost(std::size_t server) override {
        core_->disconnected(server, {errc::connection_lost, "cut"}, world_.now());
    }
    void peer_packet(std::size_t server, const protocol::packet_view& packet) override {
        if (!finished_) core_->packet(server, packet, world_.now());
    }

    // worker_sink
    protocol::output_buffer& output(std::size_t server) override { return servers_[server]->output_of(*this); }
    void connect(std::size_t server) override {
        servers_[server]->request(*this, server, faults_ && world_.chance(0.3));
    }
    void close(std::size_t server, const error&) override { servers_[server]->hang_up(*this); }
    void start(runtime::worker_job& job) override {
        ready_.push_back(&job);
        world_.after(0ns, [this] { run_ready(); });
    }
    bool withdraw(runtime::worker_job& job) override { return std::erase(ready_, &job) != 0; }
    void request_stop(runtime::worker_job&) override {}
    void stopping(runtime::worker_job&) override {}
    void stuck(runtime::worker_job&) override {}
    void finished() override { finished_ = true; }

    [[nodiscard]] runtime::worker_core& core() noexcept { return *core_; }
    [[nodiscard]] bool is_finished() const noexcept { return finished_; }

  private:
    void run_ready() {
        while (running_ < slots_ && !ready_.empty()) {
            runtime::worker_job* const job = ready_.front();
            ready_.pop_front();
            ++running_;
            const auto took = world_.chance(0.1) ? std::chrono::microseconds(world_.below(300'000))
                                                 : std::chrono::microseconds(world_.below(300));
            for (const auto& piece : pieces_of(job->payload.view())) {
                world_.after(took / 2, [this, job, piece] { core_->data(*job, shared_bytes(piece)); });
            }
            const bool is_deferred = world_.chance(0.2);
            if (is_deferred) {
                world_.after(took / 3, [this, job, took] {
                    --running_;
                    core_->deferred(*job, took / 3);
                    run_ready();
                });
            }
            world_.after(took, [this, job, took, is_deferred] {
                if (!is_deferred) --running_;
                const auto answer = world_.chance(0.1)
                                        ? job_answer::fail()
                                        : job_answer::complete(shared_bytes(result_of(job->payload.view())));
                core_->done(*job, answer, took);
                run_ready();
            });
        }
    }

    sim_world& world_;
    std::vector<sim_server*> servers_;
    bool faults_;
    std::size_t slots_ = 1;
    std::size_t running_ = 0;
    bool offers_ = true;
    std::deque<runtime::worker_job*> ready_;
    bool finished_ = false;
    std::unique_ptr<runtime::worker_core> core_;
};

class simulation {
  public:
    simulation(std::uint64_t seed, const sim_options& how) : world_(seed), faults_(how.faults) {
        std::vector<sim_server*> all;
        for (std::size_t i = 0; i < how.servers; ++i) {
            servers_.push_back(std::make_unique<sim_server>(world_, std::to_string(i)));
            all.push_back(servers_.back().get());
        }
        for (int i = 0; i < 2; ++i) clients_.push_back(std::make_unique<sim_client>(world_, all, how.faults));
        for (int i = 0; i < 3; ++i) workers_.push_back(std::make_unique<sim_worker>(world_, all, how.faults));
    }

    /// Two seconds of calls (and faults), then peace until everything is over.
    void run() {
        const sim_time start = world_.now();
        for (int i = 0; i < 300; ++i) {
            world_.after(std::chrono::microseconds(world_.below(2'000'000)), [this] { pick(clients_).submit_one(); });
        }
        for (int i = 0; i < 20; ++i) {
            world_.after(std::chrono::microseconds(world_.below(2'000'000)),
                         [this] { pick(workers_).rest(std::chrono::microseconds(world_.below(200'000))); });
        }
        for (int i = 0; faults_ && i < 20; ++i) {
            const auto when = std::chrono::microseconds(world_.below(2'000'000));
            world_.after(when, [this] { pick(servers_).break_one(world_.chance(0.3)); });
            world_.after(when, [this] { pick(clients_).cancel_one(); });
        }
        run_until(start + 120s);
        for (auto& worker : workers_) worker->core().drain(world_.now());
        run_until(world_.now() + 60s);
    }

    void check() {
        for (const auto& client : clients_) {
            EXPECT_EQ(client->core().open_calls(), 0U);
            for (const auto& call : client->calls()) {
                EXPECT_EQ(call.ends, 1) << call.payload;
                if (faults_) continue;
                EXPECT_EQ(call.how, job_end::kind::complete) << call.payload;
                // Who joins a job late gets the rest of it.
                const auto all = pieces_of(call.payload);
                ASSERT_LE(call.pieces.size(), all.size()) << call.payload;
                EXPECT_TRUE(std::equal(call.pieces.rbegin(), call.pieces.rend(), all.rbegin())) << call.payload;
                if (!call.unique) {
                    EXPECT_EQ(call.pieces.size(), all.size());
                }
            }
        }
        for (const auto& worker : workers_) EXPECT_TRUE(worker->is_finished());
    }

  private:
    template <class T>
    T& pick(std::vector<std::unique_ptr<T>>& from) {
        return *from[world_.below(from.size())];
    }

    void run_until(sim_time end) {
        while (true) {
            const sim_time next = next_time();
            if (next > end) break;
            if (!world_.step(next)) {
                world_.advance(next);
                tick();
            }
            for (auto& server : servers_) server->flush();
        }
        world_.advance(end);
    }

    [[nodiscard]] sim_time next_time() {
        sim_time next = world_.next_event();
        for (auto& server : servers_) next = std::min(next, server->core().next_deadline().value_or(sim_time::max()));
        for (auto& client : clients_) next = std::min(next, client->core().next_deadline());
        for (auto& worker : workers_) next = std::min(next, worker->core().next_deadline());
        return next;
    }

    void tick() {
        for (auto& server : servers_) server->core().tick(world_.instant());
        for (auto& client : clients_) client->core().tick(world_.now());
        for (auto& worker : workers_) worker->core().tick(world_.now());
    }

    sim_world world_;
    bool faults_;
    std::vector<std::unique_ptr<sim_server>> servers_;
    std::vector<std::unique_ptr<sim_client>> clients_;
    std::vector<std::unique_ptr<sim_worker>> workers_;
};

void run_seeds(std::uint64_t from, std::uint64_t count, const sim_options& how) {
    for (std::uint64_t seed = from; seed < from + count && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        simulation sim(seed, how);
        sim.run();
        sim.check();
    }
}

TEST(runtime_sim, without_faults_every_call_completes_with_all_its_pieces) { run_seeds(1, 15, {}); }
TEST(runtime_sim, every_call_ends_once_on_a_bad_network) { run_seeds(1000, 25, {.faults = true}); }
TEST(runtime_sim, every_call_ends_once_with_two_servers_on_a_bad_network) {
    run_seeds(2000, 25, {.faults = true, .servers = 2});
}

}  // namespace
}  // namespace sheaf::test
