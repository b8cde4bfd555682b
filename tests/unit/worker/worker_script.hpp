// A worker core, the servers it believes in, and its slots, for scripts in virtual time.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "support/recording_sink.hpp"
#include "worker/worker_core.hpp"

namespace sheaf::test {

using namespace std::chrono_literals;
using protocol::packet_type;

class worker_script : public runtime::worker_sink {
  public:
    explicit worker_script(std::size_t servers = 1, runtime::worker_options how = {},
                           runtime::function_options first = {})
        : now(10000s) {
        for (std::size_t i = 0; i < servers; ++i)
            how.servers.push_back({"server", static_cast<std::uint16_t>(i + 1), {}});
        outputs_.resize(servers);
        slots_ = how.slots;
        std::vector<runtime::offered_function> functions;
        functions.push_back({.name = "f", .how = first});
        core = std::make_unique<runtime::worker_core>(how, std::move(functions), *this, [] { return 0.0; });
        core->start();
    }

    // ---- The servers.

    void accept(std::size_t server = 0) { core->connected(server, now); }
    /// Accepts, and takes off the registration and the first grab. The server is stock gearmand.
    void begin(std::size_t server = 0) {
        accept(server);
        says<packet_type::error>(server, "UNKNOWN_OPTION", "Server does not recognize given option");
        (void)hears(server);
    }
    /// As begin(), but the server keeps grabs open.
    void begin_with_sheaf(std::size_t server = 0) {
        accept(server);
        says<packet_type::option_res>(server, "sheaf");
        (void)hears(server);
    }
    /// As begin_with_sheaf(), and the first grab brings nothing, so that the next is left open.
    void begin_with_open_grab(std::size_t server = 0) {
        begin_with_sheaf(server);
        says<packet_type::no_job>(server);
        ASSERT_THAT(hears(server), testing::ElementsAre("ALL_YOURS"));
    }
    /// The job that an open grab brings.
    void wakes_with(std::size_t server, std::string_view handle) {
        says<packet_type::noop>(server);
        assigns(server, handle);
    }
    void cut(std::size_t server = 0) {
        outputs_[server].clear();
        core->disconnected(server, {errc::connection_lost, "cut"}, now);
    }
    template <packet_type Type, class... Parts>
    void says(std::size_t server, const Parts&... parts) {
        protocol::output_buffer out;
        protocol::write_response<Type>(out, parts...);
        const std::string bytes = take_all(out);
        protocol::packet_view packet;
        const auto body = std::string_view(bytes).substr(protocol::header_size);
        ASSERT_TRUE(protocol::parse_packet(Type, protocol::direction::response, body, packet));
        core->packet(server, packet, now);
    }
    /// Answers one grab with a job of "f".
    void assigns(std::size_t server, std::string_view handle) {
        says<packet_type::job_assign_uniq>(server, handle, "f", "u", "in");
    }
    [[nodiscard]] std::vector<std::string> hears(std::size_t server = 0) {
        return readable(take_all(outputs_[server]), protocol::direction::request);
    }

    // ---- The slots: jobs are taken in order, as many at once as there are slots.

    /// The handles of the jobs that slots are running.
    [[nodiscard]] std::vector<std::string> running() {
        while (running_.size() < slots_ && !ready_.empty()) {
            running_.push_back(ready_.front());
            ready_.pop_front();
        }
        std::vector<std::string> handles;
        for (const auto* job : running_) handles.push_back(job->handle);
        return handles;
    }
    [[nodiscard]] runtime::worker_job& job(const std::string& handle) {
        (void)running();
        for (auto* job : running_) {
            if (job->handle == handle) return *job;
        }
        throw std::logic_error("no slot runs " + handle);
    }
    /// The handler of `handle` returns.
    void ends(const std::string& handle, std::string_view result = "out", std::chrono::nanoseconds took = 10ms) {
        ends_with(handle, runtime::job_answer::complete(shared_bytes(result)), took);
    }
    void ends_with(const std::string& handle, const runtime::job_answer& answer, std::chrono::nanoseconds took = 10ms) {
        runtime::worker_job& ended = job(handle);
        std::erase(running_, &ended);
        core->done(ended, answer, took);
    }

    /// The handler of `handle` returns, and leaves the job to somebody else, who ends it later.
    void defers(const std::string& handle) {
        runtime::worker_job& left = job(handle);
        std::erase(running_, &left);
        deferred_.push_back(&left);
        core->deferred(left, 10ms);
    }
    void ends_deferred(const std::string& handle, std::string_view result) {
        const auto at =
            std::find_if(deferred_.begin(), deferred_.end(), [&](auto* one) { return one->handle == handle; });
        ASSERT_NE(at, deferred_.end());
        runtime::worker_job& ended = **at;
        deferred_.erase(at);
        core->done(ended, runtime::job_answer::complete(shared_bytes(result)), 0ns);
    }

    // ---- Time.

    void passes(std::chrono::milliseconds time) {
        const auto until = now + time;
        while (core->next_deadline() <= until) {
            now = std::max(now, core->next_deadline());
            core->tick(now);
        }
        now = until;
    }

    // ---- worker_sink
    protocol::output_buffer& output(std::size_t server) override { return outputs_.at(server); }
    void connect(std::size_t server) override { connects.push_back(server); }
    void close(std::size_t server, const error&) override {
        outputs_[server].clear();
        closes.push_back(server);
    }
    void start(runtime::worker_job& job) override { ready_.push_back(&job); }
    bool withdraw(runtime::worker_job& job) override {
        (void)running();
        if (std::erase(ready_, &job) == 0) return false;
        withdrawn.push_back(job.handle);
        return true;
    }
    void request_stop(runtime::worker_job& job) override { stopped.push_back(job.handle); }
    void stopping(runtime::worker_job& job) override { stopping_jobs.push_back(job.handle); }
    void stuck(runtime::worker_job& job) override { stuck_jobs.push_back(job.handle); }
    void finished() override { ++times_finished; }

    std::chrono::steady_clock::time_point now;
    std::vector<std::size_t> connects;
    std::vector<std::size_t> closes;
    std::vector<std::string> withdrawn;
    std::vector<std::string> stopped;
    std::vector<std::string> stopping_jobs;
    std::vector<std::string> stuck_jobs;
    int times_finished = 0;
    std::unique_ptr<runtime::worker_core> core;

  private:
    std::size_t slots_ = 1;
    std::vector<protocol::output_buffer> outputs_;
    std::deque<runtime::worker_job*> ready_;
    std::vector<runtime::worker_job*> running_;
    std::vector<runtime::worker_job*> deferred_;
};

}  // namespace sheaf::test
