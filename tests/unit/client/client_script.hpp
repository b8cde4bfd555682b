// A client core and the servers it believes in, for scripts in virtual time: the client hears and says, nothing sleeps.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "client/client_core.hpp"
#include "support/recording_sink.hpp"

namespace sheaf::test {

using namespace std::chrono_literals;
using protocol::packet_type;
using runtime::job_request;

/// Remembers what each tag was told, as readable lines.
class recording_listener : public runtime::job_listener {
  public:
    void on_created(std::uint64_t tag, std::string_view handle) override { add(tag, "created " + std::string(handle)); }
    void on_data(std::uint64_t tag, const shared_bytes& data) override { add(tag, "data " + text(data)); }
    void on_warning(std::uint64_t tag, const shared_bytes& data) override { add(tag, "warning " + text(data)); }
    void on_status(std::uint64_t tag, std::uint64_t numerator, std::uint64_t denominator) override {
        add(tag, "status " + std::to_string(numerator) + "/" + std::to_string(denominator));
    }
    void on_retry(std::uint64_t tag, std::uint32_t retry, const runtime::job_end& how) override {
        add(tag, "retry " + std::to_string(retry) + " after " + text(how));
    }
    void on_end(std::uint64_t tag, runtime::job_end end) override {
        ++ends[tag];
        if (end.how == runtime::job_end::kind::not_run) last_message = end.why.message;
        add(tag, text(end));
    }

    std::map<std::uint64_t, std::vector<std::string>> events;
    std::map<std::uint64_t, int> ends;
    std::string last_message;

  private:
    static std::string text(const shared_bytes& data) { return std::string(data.view()); }
    static std::string text(const runtime::job_end& end) {
        using kind = runtime::job_end::kind;
        switch (end.how) {
            case kind::complete: return "complete " + text(end.data);
            case kind::failed: return "failed";
            case kind::exception: return "exception " + text(end.data);
            case kind::not_run: break;
        }
        return std::string(to_string(end.why.code));
    }
    void add(std::uint64_t tag, std::string line) { events[tag].push_back(std::move(line)); }
};

class client_script : public runtime::client_sink {
  public:
    explicit client_script(std::size_t servers = 1, runtime::client_options how = {}) : now(10000s) {
        for (std::size_t i = 0; i < servers; ++i)
            how.servers.push_back({"server", static_cast<std::uint16_t>(i + 1), {}});
        outputs_.resize(servers);
        core = std::make_unique<runtime::client_core>(how, *this, [this] { return random; });
    }

    // ---- The user.

    /// Submits under a new tag, which is also the call's id, and returns it.
    std::uint64_t submit(job_request request) {
        const std::uint64_t tag = ++last_tag_;
        core->submit(tag, std::move(request), listener, tag, now);
        return tag;
    }
    /// What `tag` was told since it was last asked.
    [[nodiscard]] std::vector<std::string> told(std::uint64_t tag) { return std::exchange(listener->events[tag], {}); }
    /// Every submission was told its end exactly once.
    void expect_every_call_ended_once() {
        for (std::uint64_t tag = 1; tag <= last_tag_; ++tag) EXPECT_EQ(listener->ends[tag], 1) << "call " << tag;
    }

    // ---- The servers.

    /// The connect that was asked for succeeds; the greeting is taken off.
    void accept(std::size_t server = 0) {
        core->connected(server, now);
        EXPECT_THAT(hears(server, 2), testing::ElementsAre("OPTION_REQ exceptions", "OPTION_REQ late-created"));
        says<packet_type::option_res>(server, "exceptions");
        says<packet_type::option_res>(server, "late-created");
    }
    void refuse(std::size_t server = 0) { core->connect_failed(server, {errc::connection_failed, "refused"}, now); }
    void cut(std::size_t server = 0) {
        outputs_[server].clear();
        rest_[server].clear();
        core->disconnected(server, {errc::connection_lost, "cut"}, now);
    }
    template <packet_type Type, class... Parts>
    void says(std::size_t server, const Parts&... parts) {
        protocol::output_buffer out;
        protocol::write_response<Type>(out, parts...);
        send(server, Type, take_all(out));
    }
    /// What `server` was sent since it was last asked; at most `count` messages.
    [[nodiscard]] std::vector<std::string> hears(std::size_t server = 0, std::size_t count = ~std::size_t{0}) {
        auto& rest = rest_[server];
        for (auto& line : readable(take_all(outputs_[server]), protocol::direction::request)) rest.push_back(line);
        count = std::min(count, rest.size());
        const auto middle = rest.begin() + static_cast<std::ptrdiff_t>(count);
        std::vector<std::string> heard(rest.begin(), middle);
        rest.erase(rest.begin(), middle);
        return heard;
    }

    // ---- Time.

    /// Time passes; the core is called whenever it asked for it.
    void passes(std::chrono::milliseconds time) {
        const auto until = now + time;
        while (core->next_deadline() <= until) {
            now = std::max(now, core->next_deadline());
            core->tick(now);
        }
        now = until;
    }

    // ---- client_sink
    protocol::output_buffer& output(std::size_t server) override { return outputs_.at(server); }
    void connect(std::size_t server) override { connects.push_back(server); }
    void close(std::size_t server, const error&) override { closes.push_back(server); }

    std::chrono::steady_clock::time_point now;
    double random = 0.0;  ///< pauses are half of what they may be
    std::vector<std::size_t> connects;
    std::vector<std::size_t> closes;
    std::shared_ptr<recording_listener> listener = std::make_shared<recording_listener>();
    std::unique_ptr<runtime::client_core> core;

  private:
    void send(std::size_t server, packet_type type, const std::string& bytes) {
        protocol::packet_view packet;
        const auto body = std::string_view(bytes).substr(protocol::header_size);
        ASSERT_TRUE(protocol::parse_packet(type, protocol::direction::response, body, packet));
        core->packet(server, packet, now);
    }

    std::vector<protocol::output_buffer> outputs_;
    std::map<std::size_t, std::vector<std::string>> rest_;
    std::uint64_t last_tag_ = 0;
};

/// A job of function "f" with a payload.
inline job_request job(std::string_view payload = "in", std::string unique = {}) {
    job_request request;
    request.function = "f";
    request.unique = std::move(unique);
    request.payload = shared_bytes(payload);
    return request;
}

}  // namespace sheaf::test
