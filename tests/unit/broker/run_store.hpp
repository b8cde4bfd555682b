// A store for the steps of runs, as a test has it: what is committed outlives the broker, what waits does not.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/core.hpp"
#include "support/recording_sink.hpp"

namespace sheaf::test {

class run_store {
  public:
    /// Takes what `from` was asked for since the last time.
    void gather(recording_sink& from) {
        for (broker::run_change& one : std::exchange(from.changes, {})) waiting_.push_back(std::move(one));
        for (const broker::job_record& one : std::exchange(from.rescheduled, {})) {
            if (const auto found = jobs_.find(one.id.value()); found != jobs_.end()) found->second.losses = one.losses;
        }
    }
    [[nodiscard]] bool has_waiting() const { return !waiting_.empty(); }
    /// Makes the oldest change; the answers to it wait.
    void commit() {
        broker::run_change change = std::move(waiting_.front());
        waiting_.pop_front();
        if (change.begins) runs_[change.run.value()] = *change.begins;
        for (const auto id : change.ended) jobs_.erase(id.value());
        for (const auto id : change.closed) close(id.value());
        for (const auto& one : change.frames) frames_[one.id.value()] = one;
        for (const auto& one : change.parts) parts_[one.frame.value()].try_emplace(one.slot, one.bytes.view());
        for (const auto& one : change.jobs) keep(one, std::nullopt);
        for (const auto& one : change.gathered) {
            broker::job_record job = one.job;
            std::string payload(job.payload.view());
            for (const auto& [slot, bytes] : parts_[one.frame.value()]) payload += bytes;
            job.payload = shared_bytes(payload);
            close(one.frame.value());
            keep(job, job.payload);
        }
        for (const auto node : change.done) ++done_[{change.run.value(), node}];
        if (change.end) {
            runs_[change.run.value()].state = change.end->state;
            runs_[change.run.value()].expires = change.end->expires;
            runs_[change.run.value()].why = change.end->why;
            outcomes_[change.run.value()] = change.end->outcome.view();
            answers_.push_back({change.run, std::nullopt});
        }
        if (change.forgets) runs_.erase(change.run.value());
    }
    [[nodiscard]] bool has_answers() const { return !answers_.empty(); }
    void answer(broker::core& to, broker::instant now) {
        const auto [job, payload] = answers_.front();
        answers_.pop_front();
        payload ? to.gathered(job, *payload, now) : to.stored(job, now);
    }
    /// The server is gone, and `next` comes up.
    void restart(broker::core& next, broker::instant now) {
        waiting_.clear();
        answers_.clear();
        for (const auto& [id, run] : runs_) next.restore_run(known(run), now);
        for (const auto& [id, job] : jobs_) next.restore(job, now);
    }

    [[nodiscard]] const broker::run_record& run(std::uint64_t id) const { return runs_.at(id); }
    [[nodiscard]] const std::string& outcome(std::uint64_t id) const { return outcomes_.at(id); }
    /// Rows of runs that have ended, and should not be there.
    [[nodiscard]] std::size_t rows() const { return jobs_.size() + frames_.size() + parts_.size(); }
    [[nodiscard]] bool is_empty() const { return runs_.empty(); }

  private:
    void keep(const broker::job_record& job, std::optional<shared_bytes> payload) {
        jobs_[job.id.value()] = job;
        answers_.push_back({job.id, std::move(payload)});
    }
    void close(std::uint64_t frame) {
        frames_.erase(frame);
        parts_.erase(frame);
    }
    [[nodiscard]] broker::restored_run known(const broker::run_record& run) const {
        broker::restored_run made{.run = run};
        for (const auto& [id, frame] : frames_) {
            if (frame.run != run.id) continue;
            broker::restored_frame back{.frame = frame};
            if (const auto parts = parts_.find(id); parts != parts_.end()) {
                for (const auto& [slot, bytes] : parts->second) back.parts.push_back({slot, bytes.size()});
            }
            made.frames.push_back(std::move(back));
        }
        for (const auto& [key, calls] : done_) {
            if (key.first == run.id.value()) made.done.emplace_back(key.second, calls);
        }
        return made;
    }

    std::deque<broker::run_change> waiting_;
    std::deque<std::pair<broker::job_id, std::optional<shared_bytes>>> answers_;
    std::map<std::uint64_t, broker::run_record> runs_;
    std::map<std::uint64_t, std::string> outcomes_;
    std::map<std::uint64_t, broker::job_record> jobs_;
    std::map<std::uint64_t, broker::frame_record> frames_;
    std::map<std::uint64_t, std::map<std::uint32_t, std::string>> parts_;
    std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint64_t> done_;
};

}  // namespace sheaf::test
