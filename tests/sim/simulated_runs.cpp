// What the simulation knows of runs.
#include <algorithm>

#include "broker/handle.hpp"
#include "simulation.hpp"

namespace sheaf::sim {
namespace {

using broker::run_state;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string rest_of(const std::string& text) {
    const std::size_t end = text.find('\n');
    return end == std::string::npos ? "" : text.substr(end + 1);
}

}  // namespace

std::string simulation::some_handle() {
    if (known_.empty()) return "H:1";
    const auto any = std::next(known_.begin(), static_cast<std::ptrdiff_t>(roll(known_.size())));
    return std::string(std::string_view(broker::handle_text(how_.handle_prefix, broker::job_id{any->first})));
}

const model_run& simulation::model_of(const std::string& run) {
    const auto known = models_.find(run);
    if (known != models_.end()) return known->second;
    return models_.emplace(run, draw_run([this](std::uint64_t sides) { return roll(sides); })).first->second;
}

void simulation::change_run(const broker::run_change& change) {
    if (change.begins) names_[change.run.value()] = change.begins->name;
    for (const auto id : change.ended) {
        if (!forgotten_.insert(id.value()).second) {
            throw violation("job " + std::to_string(id.value()) + " of a run ended twice");
        }
    }
    const auto know = [&](const broker::job_record& one) {
        known_.try_emplace(one.id.value(), known_job{one.function, one.priority, one.run_at});
    };
    for (const auto& one : change.jobs) know(one);
    for (const auto& one : change.gathered) know(one.job);
    if (change.end) judge_outcome(change);
    store_.change_run(change);
}

void simulation::judge_outcome(const broker::run_change& change) const {
    const std::string& name = names_.at(change.run.value());
    const model_run& model = models_.at(name);
    const run_state state = change.end->state;
    if (state == run_state::cancelled && cancelled_.contains(name)) return;
    if (state == run_state::broken && may_end_otherwise()) return;
    if (state != model.state) throw violation("the run " + name + " ends otherwise than its plan does");
    if (state == run_state::value && change.end->outcome.view() != model.outcome) {
        throw violation("the run " + name + " gives " + std::string(change.end->outcome.view()) + ", and its plan " +
                        model.outcome);
    }
}

// Workers that are lost too often, time-outs, and jobs that are cancelled: if that is a visit, its run is broken.
bool simulation::may_end_otherwise() const {
    return how_.job_retries >= 0 || faults_.cancel != 0 || faults_.time_limit != 0;
}

void simulation::judge_run(const expected& asked, const std::string& said) {
    const std::string line = first_line(asked.text);
    const std::string verb = line.substr(0, line.find(' '));
    const std::string name = line.substr(std::min(line.find(' ') + 1, line.size()));
    const std::string word = first_line(said);
    const run_book::kept_run* const kept = store_.runs().find(name);
    if (verb == "start" && word != "refused") {
        if (word != "started" && word != "known") throw violation("a start is answered with " + word);
        if (kept == nullptr) throw violation("the run " + name + " was acknowledged before it was stored");
        begun_.insert(name);
    }
    const bool is_unknown = word == "unknown" || word.find(R"("state":"unknown")") != std::string::npos;
    if (is_unknown && asked.begun.contains(name)) throw violation("the run " + name + " is known no more");
    if (verb == "cancel" && word == "cancelled" && (kept == nullptr || kept->about.state == run_state::going)) {
        throw violation("the run " + name + " was cancelled before that was stored");
    }
    if (verb != "take" || is_unknown) return;
    const std::string lines = rest_of(asked.text);
    const bool is_other = lines.find("function other") != std::string::npos;
    if (is_other != (word == "other")) throw violation("an outcome went to one who has another plan");
    if (!is_other) judge_taken(name, first_line(lines).substr(std::string("taker ").size()), said);
}

void simulation::judge_taken(const std::string& name, const std::string& taker, const std::string& said) const {
    const run_book::kept_run* const kept = store_.runs().find(name);
    if (kept == nullptr || kept->about.state == run_state::going) throw violation("a run was taken that goes on");
    const std::string& owner = kept->about.taker;
    if (said == "taken\n" + owner && owner != taker) return;
    if (owner != taker) throw violation("the run " + name + " was taken twice");
    const std::string outcome = kept->about.state == run_state::value ? kept->outcome : rest_of(said);
    if (rest_of(said) != outcome) throw violation("the run " + name + " was taken with another outcome");
}

void simulation::check_runs() const {
    for (const std::string& name : begun_) {
        if (store_.runs().find(name) == nullptr) throw violation("the run " + name + " vanished");
    }
    for (const auto& [number, run] : store_.runs().runs()) {
        if (run.about.state == run_state::going) throw violation("the run " + run.about.name + " never ends");
    }
    if (store_.runs().has_frames()) throw violation("frames of ended runs are kept");
}

}  // namespace sheaf::sim
