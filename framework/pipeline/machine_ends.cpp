// How items are lost, and how runs end.
#include <utility>

#include "pipeline/machine.hpp"
#include <sheaf/detail/plan_values.hpp>
#include <sheaf/detail/typed_errors.hpp>

namespace sheaf::detail {
namespace {

constexpr std::chrono::milliseconds progress_pause{100};

}  // namespace

void pipeline_machine::lose(token_ref which, failure why, std::exception_ptr thrown) {
    token& one = get(which);
    const plan_node& node = plan_.nodes[one.at];
    ++states_[one.at].counts.failed;
    effects_.note(events::item_failed{node.name, one.of.number, why});
    switch (node.handling) {
        case failure_handling::collect:
            set_payload(one, collected_failure(why));
            --states_[one.at].live;
            return move_on(which, route_.after(one.at));
        case failure_handling::skip: return drop(which, true);
        case failure_handling::fail: break;
    }
    const node_index at = one.at;
    --states_[at].live;
    stop({.why = std::move(why), .at = at, .thrown = std::move(thrown)});
}

void pipeline_machine::lose_thrown(token_ref which) {
    const std::exception_ptr thrown = std::current_exception();
    failure why = describe_exception(thrown);
    why.task = plan_.nodes[get(which).at].name;
    lose(which, std::move(why), thrown);
}

void pipeline_machine::drop(token_ref which, bool has_failed) {
    const lineage of = get(which).of;
    const node_index at = get(which).at;
    --states_[at].live;
    free_token(which);
    forget(of, at, has_failed);
}

void pipeline_machine::forget(const lineage& what, node_index at, bool has_failed) {
    if (what.frame == no_frame) {
        if (has_failed) ledger_.note_failure(what.item);
        ledger_.release(what.item);
        return skip_numbers_after(at, what.number);
    }
    const node_index opener = frames_[what.frame].opener;
    if (std::holds_alternative<spread_node>(plan_.nodes[opener].what)) return leave_out(what.frame);
    const lineage whole = frames_[what.frame].whole;
    purge(what.frame);
    forget(whole, opener, has_failed);
}

void pipeline_machine::stop(run_failure why) {
    if (over_) return;
    why_ = std::move(why);
    over_ = true;
    for (std::uint32_t index = 0; index < tokens_.size(); ++index) {
        token& one = tokens_[index];
        if (!one.used) continue;
        if (one.is_out) effects_.cancel(tag_of({index, one.generation}));
        held_bytes_ -= one.payload.size();
        one = {.payload = {}, .of = {}, .generation = one.generation + 1};
    }
    for (const frame& one : frames_) {
        for (const auto& part : one.parts) held_bytes_ -= part ? part->size() : 0;
    }
    frames_.clear();
    for (node_state& state : states_) {
        for (const opened_item& one : state.flattening) held_bytes_ -= one.bytes;
        state.flattening.clear();
        state.counts.skipped = state.counts.in - state.counts.ok - state.counts.failed;
    }
    calls_out_ = 0;
    ledger_.close();
}

void pipeline_machine::end() {
    over_ = true;
    note_stages_done();
    ledger_.close();
}

void pipeline_machine::note_stages_done() {
    if (!input_ended_) return;
    for (; stages_done_ < route_.end() && states_[stages_done_].live == 0; ++stages_done_) {
        const stage_summary& counts = states_[stages_done_].counts;
        if (counts.name.empty()) continue;
        effects_.note(events::stage_done{counts.name, counts.ok, counts.failed, counts.skipped, counts.in});
    }
}

void pipeline_machine::note_progress() {
    const std::uint64_t done = totals_.items - ledger_.held();
    if (done == progress_noted_ || now_ - last_progress_ < progress_pause) return;
    last_progress_ = now_;
    progress_noted_ = done;
    events::progress at{.done = done};
    if (limits_.total && *limits_.total != 0) {
        at.fraction = static_cast<double>(done) / static_cast<double>(*limits_.total);
        const std::chrono::duration<double, std::milli> elapsed = now_ - began_;
        at.eta = std::chrono::milliseconds(static_cast<std::int64_t>(elapsed.count() * (1 / *at.fraction - 1)));
    }
    effects_.note(at);
}

}  // namespace sheaf::detail
