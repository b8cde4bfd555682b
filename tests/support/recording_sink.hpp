// A broker's sink that remembers every effect, and turns what was written to a peer into readable lines.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/sink.hpp"
#include "support/packet_bytes.hpp"

namespace sheaf::test {

/// The messages in `bytes`, one line each: "NAME arg|arg|data" for a packet, the text of a line for a line. A packet
/// that goes the wrong `way` says so.
inline std::vector<std::string> readable(std::string_view bytes,
                                         protocol::direction way = protocol::direction::response) {
    std::vector<std::string> lines;
    while (!bytes.empty()) {
        if (bytes.front() != '\0') {
            const std::size_t end = bytes.find('\n');
            lines.emplace_back(bytes.substr(0, end));
            bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
            continue;
        }
        const auto u32 = [&](std::size_t at) {
            std::uint32_t value = 0;
            for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
            return value;
        };
        const auto type = static_cast<protocol::packet_type>(u32(4));
        std::string line(protocol::info(type).name);
        if ((bytes[3] == 'S') != (way == protocol::direction::response)) line += " (the wrong way)";
        std::string body(bytes.substr(protocol::header_size, u32(8)));
        bytes.remove_prefix(protocol::header_size + body.size());
        for (char& c : body) {
            if (c == '\0') c = '|';
        }
        lines.push_back(body.empty() ? line : line + ' ' + body);
    }
    return lines;
}

class recording_sink final : public broker::sink {
  public:
    protocol::output_buffer& frame(broker::connection_id connection) override { return frames_[connection.value()]; }
    void persist(const broker::job_record& record) override { persisted.push_back(record); }
    void forget(broker::job_id job) override { forgotten.push_back(job.value()); }
    void complete(const broker::job_record& job, const broker::job_result& result) override {
        completed.push_back({job, result});
        forget(job.id);
    }
    void bury(const broker::job_record& job, const broker::cause_of_death& why) override {
        buried.push_back(
            {job, std::string(why.reason), why.worker, std::string(why.log), std::string(why.exception.view())});
        forget(job.id);
    }
    void reschedule(const broker::job_record& job) override { rescheduled.push_back(job); }
    void change_run(const broker::run_change& change) override { changes.push_back(change); }
    void serve(broker::service_ticket name, const broker::service_question& question) override {
        questions.push_back(
            {name, question.what, question.id, std::string(question.unique), std::string(question.text)});
    }
    void load(broker::load_ticket name, std::span<const broker::job_id> jobs) override {
        loads.emplace_back(name, std::vector(jobs.begin(), jobs.end()));
    }
    void missing(broker::job_id job) override { lost.push_back(job.value()); }
    void close(broker::connection_id connection, std::string_view) override { closed.push_back(connection.value()); }

    void shut_down(bool graceful) override { shutdowns.emplace_back(graceful ? "graceful" : "soon"); }

    /// What was written to `connection` since the last call.
    std::vector<std::string> take(broker::connection_id connection) {
        return readable(take_all(frames_[connection.value()]));
    }

    std::vector<broker::job_record> persisted;
    std::vector<std::uint64_t> forgotten;  ///< jobs that have ended, in whatever way
    struct completion {
        broker::job_record job;
        broker::job_result result;
    };
    struct burial {
        broker::job_record job;
        std::string reason, worker, log, exception;
    };
    struct asked {
        broker::service_ticket name = 0;
        broker::service_question::about what{};
        broker::job_id id{};
        std::string unique, text;
    };
    std::vector<completion> completed;
    std::vector<burial> buried;
    std::vector<broker::job_record> rescheduled;
    std::vector<broker::run_change> changes;
    std::vector<asked> questions;
    std::vector<std::pair<broker::load_ticket, std::vector<broker::job_id>>> loads;
    std::vector<std::uint64_t> lost;
    std::vector<std::uint32_t> closed;
    std::vector<std::string> shutdowns;

  private:
    std::map<std::uint32_t, protocol::output_buffer> frames_;
};

}  // namespace sheaf::test
