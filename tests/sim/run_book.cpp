#include "run_book.hpp"

#include <algorithm>

#include "broker/job_terms.hpp"
#include "simulation.hpp"

namespace sheaf::sim {
namespace {

std::string name_of(broker::job_id run) { return "run " + std::to_string(run.value()); }

}  // namespace

broker::job_id run_of(const broker::job_record& job) {
    const auto terms = broker::read_terms(job.terms);
    return terms && terms->of ? terms->of->run : broker::job_id{};
}

void run_book::apply(broker::run_change& change, job_rows& jobs) {
    if (change.begins && !runs_.emplace(change.run.value(), kept_run{*change.begins, {}}).second) {
        throw violation(name_of(change.run) + " has begun twice");
    }
    const auto known = runs_.find(change.run.value());
    if (known == runs_.end()) return;  // its beginning was refused
    if (known->second.about.state != broker::run_state::going && !change.forgets) {
        throw violation(name_of(change.run) + " goes on though it has ended");
    }
    for (const auto id : change.ended) jobs.erase(id.value());
    for (const auto id : change.closed) close(id);
    for (const auto& one : change.frames) frames_.emplace(one.id.value(), one);
    for (const auto& one : change.parts) put(one);
    for (const auto& one : change.jobs) jobs.insert_or_assign(one.id.value(), one);
    for (auto& one : change.gathered) gather(one, jobs);
    for (const auto node : change.done) ++done_[{change.run.value(), node}];
    if (change.end) end(change.run, *change.end, jobs);
    if (change.forgets) runs_.erase(known);
}

void run_book::put(const broker::part_record& part) {
    const auto frame = frames_.find(part.frame.value());
    if (frame == frames_.end()) throw violation("a part comes to a frame that is not kept");
    if (part.slot >= frame->second.parts) throw violation("a part has no place in its frame");
    if (!parts_[part.frame.value()].emplace(part.slot, part.bytes.view()).second) {
        throw violation("a part comes twice");
    }
}

void run_book::gather(broker::gathered_record& what, job_rows& jobs) {
    const auto frame = frames_.find(what.frame.value());
    if (frame == frames_.end()) throw violation("a frame is gathered that is not kept");
    const parts& all = parts_[what.frame.value()];
    if (all.size() != frame->second.parts) throw violation("a frame is gathered that is not complete");
    std::string payload(what.job.payload.view());
    for (const auto& [slot, bytes] : all) payload += bytes;
    what.job.payload = shared_bytes(payload);
    close(what.frame);
    jobs.insert_or_assign(what.job.id.value(), what.job);
}

void run_book::end(broker::job_id run, const broker::run_outcome_record& how, const job_rows& jobs) {
    kept_run& known = runs_.at(run.value());
    known.about.state = how.state;
    known.about.expires = how.expires;
    known.about.why = how.why;
    known.outcome = how.outcome.view();
    const auto is_its = [&](const auto& one) { return one.second.run == run; };
    if (std::ranges::any_of(frames_, is_its)) throw violation(name_of(run) + " has ended, and has frames");
    const auto is_step = [&](const auto& one) { return run_of(one.second) == run; };
    if (std::ranges::any_of(jobs, is_step)) throw violation(name_of(run) + " has ended, and has jobs");
}

void run_book::close(broker::job_id frame) {
    frames_.erase(frame.value());
    parts_.erase(frame.value());
}

std::string run_book::take(broker::job_id run, const std::string& taker) {
    const auto found = runs_.find(run.value());
    if (found == runs_.end() || found->second.about.state == broker::run_state::going) {
        throw violation("somebody is to have the outcome of " + name_of(run) + ", which has none");
    }
    std::string& owner = found->second.about.taker;
    if (owner.empty()) owner = taker;
    return owner;
}

std::vector<broker::restored_run> run_book::all() const {
    std::vector<broker::restored_run> made;
    for (const auto& [number, run] : runs_) {
        broker::restored_run& one = made.emplace_back();
        one.run = run.about;
        for (const auto& [id, frame] : frames_) {
            if (frame.run != run.about.id) continue;
            broker::restored_frame& back = one.frames.emplace_back();
            back.frame = frame;
            const auto known = parts_.find(id);
            if (known == parts_.end()) continue;
            for (const auto& [slot, bytes] : known->second) back.parts.push_back({slot, bytes.size()});
        }
        for (const auto& [key, calls] : done_) {
            if (key.first == number) one.done.emplace_back(key.second, calls);
        }
    }
    return made;
}

const run_book::kept_run* run_book::find(const std::string& name) const {
    const auto found = std::ranges::find(runs_, name, [](const auto& one) { return one.second.about.name; });
    return found == runs_.end() ? nullptr : &found->second;
}

}  // namespace sheaf::sim
