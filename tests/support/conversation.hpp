// A broker and the peers who talk to it, for scripts that read like the dialogue: someone says, someone hears.
//
//   conversation talk;
//   auto worker = talk.worker("f");
//   auto client = talk.peer();
//   client.says<submit_job>("f", "unique", "data");
//   EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1"));
//
// After every event the broker's invariants are checked. Time stands still unless the script lets it pass.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/core.hpp"
#include "support/recording_sink.hpp"

namespace sheaf::test {

class conversation {
  public:
    /// One connection of the script.
    class participant {
      public:
        participant(conversation& talk, broker::connection_id id) : talk_(&talk), id_(id) {}

        /// Sends a packet of `Type`.
        template <protocol::packet_type Type, class... Parts>
        participant& says(const Parts&... parts) {
            protocol::output_buffer out;
            protocol::write_request<Type>(out, parts...);
            const std::string bytes = take_all(out);
            return says_raw(Type, std::string_view(bytes).substr(protocol::header_size));
        }
        /// Sends any type and body, also such as no peer should.
        participant& says_raw(protocol::packet_type type, std::string_view body,
                              protocol::direction way = protocol::direction::request) {
            protocol::packet_view packet;
            if (!protocol::parse_packet(type, way, body, packet)) throw std::logic_error("the packet lacks arguments");
            talk_->core_.packet(id_, packet, talk_->now_);
            talk_->core_.check_invariants();
            return *this;
        }
        /// Sends a packet of `type` about the job `handle` that is larger than the server takes: `bytes`.
        participant& says_too_much(protocol::packet_type type, std::string_view handle, std::size_t bytes) {
            const std::string body = std::string(handle) + '\0';
            protocol::packet_view start;
            if (!protocol::parse_packet(type, protocol::direction::request, body, start)) {
                throw std::logic_error("the packet lacks arguments");
            }
            talk_->core_.oversized(id_, start, bytes, talk_->now_);
            talk_->core_.check_invariants();
            return *this;
        }
        /// Sends a line of the text protocol.
        participant& asks(std::string_view line) {
            talk_->core_.line(id_, line, talk_->now_);
            talk_->core_.check_invariants();
            return *this;
        }
        /// What it was sent since it was last asked.
        [[nodiscard]] std::vector<std::string> hears() { return talk_->sink_.take(id_); }
        /// Hangs up.
        void leaves() {
            talk_->core_.disconnected(id_, talk_->now_);
            talk_->core_.check_invariants();
        }
        [[nodiscard]] broker::connection_id id() const { return id_; }

      private:
        conversation* talk_;
        broker::connection_id id_;
    };

    explicit conversation(broker::options how = {}) : core_(with_short_handles(std::move(how)), sink_) {}

    participant peer(std::string_view address = "127.0.0.1") {
        const broker::connection_id id{next_connection_++};
        core_.connected(id, address, static_cast<int>(30 + id.value()));
        return {*this, id};
    }
    /// A peer that offers `functions`.
    template <class... Functions>
    participant worker(const Functions&... functions) {
        participant made = peer();
        (made.template says<protocol::packet_type::can_do>(functions), ...);
        return made;
    }

    /// The store answers for `job`.
    void stores(std::uint64_t job) {
        core_.stored(broker::job_id{job}, now_);
        core_.check_invariants();
    }
    void fails_to_store(std::uint64_t job, std::string_view why) {
        core_.store_failed(broker::job_id{job}, why, now_);
        core_.check_invariants();
    }
    /// The owner answers the question that was asked last: with its text, as if all were written, or with a refusal.
    void answers(std::string_view refusal = {}) {
        const auto& asked = sink_.questions.back();
        using kind = broker::service_answer::kind;
        core_.served(
            asked.name,
            refusal.empty()
                ? broker::service_answer{.what = kind::text, .data = shared_bytes(asked.text)}
                : broker::service_answer{.what = kind::refused, .code = "QUEUE_ERROR", .why = std::string(refusal)},
            now_);
        core_.check_invariants();
    }
    /// Somebody sets the wall clock; the broker is not told.
    void sets_wall_clock(std::chrono::milliseconds change) { now_.wall += change; }
    /// Both clocks advance, and the broker is told.
    void passes(std::chrono::milliseconds time) {
        now_.steady += time;
        now_.wall += time;
        core_.tick(now_);
        core_.check_invariants();
    }

    [[nodiscard]] broker::core& core() { return core_; }
    [[nodiscard]] recording_sink& effects() { return sink_; }
    [[nodiscard]] broker::instant now() const { return now_; }

  private:
    static broker::options with_short_handles(broker::options how) {
        how.handle_prefix = "H:";
        return how;
    }

    recording_sink sink_;
    broker::core core_;
    broker::instant now_{broker::steady_time{std::chrono::hours{1}},
                         broker::wall_time{std::chrono::seconds{1'000'000}}};
    std::uint32_t next_connection_ = 0;
};

}  // namespace sheaf::test
