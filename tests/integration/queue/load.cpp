#include "integration/queue/load.hpp"

#include <algorithm>
#include <poll.h>
#include <system_error>

namespace sheaf::test {
namespace {

using protocol::packet_type;
using namespace std::chrono_literals;

constexpr std::size_t remembered_handles = 200;

void pause_for(std::chrono::microseconds time) {
    const timespec rest{static_cast<time_t>(time / 1s), static_cast<long>(time % 1s / 1ns)};
    if (time.count() != 0) ::ppoll(nullptr, 0, &rest, nullptr);
}

}  // namespace

std::string make_payload(const std::string& job, std::size_t bytes, std::mt19937_64& random) {
    std::string payload = job + ' ';
    for (std::size_t i = 0; i < bytes; ++i) payload += static_cast<char>(random());
    return payload;
}

std::string job_of(std::string_view payload) {
    const std::string name(payload.substr(0, payload.find(' ')));
    const bool is_name = std::ranges::all_of(name, [](char one) { return one > ' ' && one < 127; });
    return is_name ? name : "with checksum " + std::to_string(checksum_of(payload));
}

/// The connection that stop() has to end.
class load_peer::presence {
  public:
    presence(load_peer& of, raw_peer& peer) : of_(&of) { set(&peer); }
    ~presence() { set(nullptr); }
    presence(const presence&) = delete;
    presence& operator=(const presence&) = delete;

  private:
    void set(raw_peer* peer) {
        const std::lock_guard held(of_->mutex_);
        of_->current_ = peer;
    }
    load_peer* of_;
};

void load_peer::run() {
    while (!stopped_) {
        try {
            raw_peer peer(where_());
            const presence here(*this, peer);
            if (!stopped_) talk(peer);
            return;
        } catch (const peer_failure&) {
        } catch (const std::system_error&) {
        }
        pause_for(1ms);
    }
}

void load_peer::stop() {
    stopped_ = true;
    const std::lock_guard held(mutex_);
    if (current_ != nullptr) ::shutdown(current_->descriptor(), SHUT_RDWR);
}

// ---- Clients.

void load_client::talk(raw_peer& to) {
    unanswered_.clear();  // what becomes of those of a lost connection, nobody knows
    questions_.reset();
    while (!is_stopped() && (submitted_ < how_.jobs || !unanswered_.empty())) {
        if (submitted_ < how_.jobs && unanswered_.size() < how_.window) {
            submit(to);
            pause_for(how_.pause);
        }
        while (unanswered_.size() >= how_.window || (submitted_ == how_.jobs && !unanswered_.empty())) hear(to);
    }
}

void load_client::submit(raw_peer& to) {
    event job{.what = fact::submitted, .job = who() + "-" + std::to_string(submitted_++)};
    const auto drawn = [this](unsigned of_thousand) { return random_() % 1000 < of_thousand; };
    if (drawn(how_.keyed)) job.unique = "key-" + std::to_string(random_() % 20);
    job.priority = drawn(how_.high) ? 0 : drawn(how_.low) ? 2 : 1;
    if (drawn(how_.delayed)) {
        const auto due = std::chrono::system_clock::now() + std::chrono::seconds(1 + random_() % 2);
        job.run_at = std::chrono::floor<std::chrono::seconds>(due.time_since_epoch());
        job.priority = 1;
    }
    const std::string payload = make_payload(job.job, random_() % (how_.payload_bytes + 1), random_);
    job.checksum = checksum_of(payload);
    note(job);
    unanswered_.push_back(job.job);
    send(to, job, payload);
}

void load_client::send(raw_peer& to, const event& job, const std::string& payload) const {
    if (job.run_at.count() != 0) {
        to.send<packet_type::submit_job_epoch>(how_.function, job.unique, std::to_string(job.run_at / 1s), payload);
    } else if (job.priority == 0) {
        to.send<packet_type::submit_job_high_bg>(how_.function, job.unique, payload);
    } else if (job.priority == 2) {
        to.send<packet_type::submit_job_low_bg>(how_.function, job.unique, payload);
    } else {
        to.send<packet_type::submit_job_bg>(how_.function, job.unique, payload);
    }
}

void load_client::hear(raw_peer& from) {
    const owned_packet answer = from.receive();
    const std::string job = unanswered_.front();
    unanswered_.pop_front();
    if (answer.type == packet_type::error) {
        note({.what = fact::refused, .job = job});
        ++refused_;
        return;
    }
    if (answer.type != packet_type::job_created) throw peer_failure("neither taken nor refused");
    const std::string handle = answer.arguments.at(0);
    note({.what = fact::acknowledged, .job = job, .handle = handle});
    const std::size_t count = ++acknowledged_;
    if (how_.asked_every == 0) return;
    handles_.push_back(handle);
    if (handles_.size() > remembered_handles) handles_.pop_front();
    if (count % how_.asked_every == 0) ask_for(handles_[random_() % handles_.size()]);
}

void load_client::ask_for(const std::string& handle) {
    if (!questions_) questions_.emplace(where());
    const auto asked = steady_now();
    questions_->send<packet_type::get_status>(handle);
    const owned_packet answer = questions_->expect(packet_type::status_res);
    const bool is_known = answer.arguments.at(1) == "1";
    note({.what = is_known ? fact::known : fact::unknown, .handle = handle, .asked_at = asked});
}

// ---- Workers.

void load_worker::talk(raw_peer& to) {
    ending_.clear();
    to.send<packet_type::can_do>(how_.function);
    while (!is_stopped()) {
        const auto asked = steady_now();
        to.send<packet_type::grab_job>();
        owned_packet answer = to.receive();
        while (answer.type == packet_type::noop) answer = to.receive();  // which may come late, and answers nothing
        // The server reads what it is sent in order: what was said before the question has arrived.
        if (!ending_.empty()) note({.what = fact::ended, .job = std::exchange(ending_, {})});
        if (answer.type == packet_type::job_assign) {
            execute(to, answer, asked);
        } else if (answer.type == packet_type::no_job) {
            to.send<packet_type::pre_sleep>();
            (void)to.expect(packet_type::noop, std::chrono::hours(1));
        }
    }
}

void load_worker::execute(raw_peer& by, const owned_packet& job, std::chrono::nanoseconds asked_at) {
    const std::string& handle = job.arguments.at(0);
    const std::string name = job_of(job.data);
    note({.what = fact::begun, .job = name, .handle = handle, .checksum = checksum_of(job.data), .asked_at = asked_at});
    pause_for(how_.takes);
    const bool fails = random_() % 1000 < how_.failing;
    note({.what = fails ? fact::failed : fact::done, .job = name});
    if (fails) {
        by.send<packet_type::work_fail>(handle);
    } else {
        by.send<packet_type::work_complete>(handle, "");
    }
    ending_ = name;
    ++executed_;
}

}  // namespace sheaf::test
