#include "server/run_rows.hpp"

#include <unordered_map>

#include "server/job_rows.hpp"

namespace sheaf::server {
namespace {

store::run_row row_of(const broker::run_record& run) {
    return {.id = run.id.value(),
            .name = run.name,
            .function = run.function,
            .began = run.began,
            .keep = run.keep,
            .end = static_cast<std::uint8_t>(run.state),
            .expires = run.expires,
            .why = run.why,
            .taker = run.taker};
}

store::frame_row row_of(const broker::frame_record& frame) {
    return {.id = frame.id.value(),
            .run = frame.run.value(),
            .gate = frame.gate,
            .rule = static_cast<std::uint8_t>(frame.rule),
            .parts = frame.parts,
            .whole = frame.whole.value(),
            .whole_slot = frame.whole_slot};
}

// What another program, or a damaged file, may say.
broker::run_state state_of(std::uint8_t end) {
    using enum broker::run_state;
    return end > static_cast<std::uint8_t>(broken) ? broken : static_cast<broker::run_state>(end);
}

broker::frame_record record_of(const store::frame_row& row) {
    using enum protocol::frame_rule;
    return {.id = broker::job_id{row.id},
            .run = broker::job_id{row.run},
            .gate = row.gate,
            .rule = row.rule == static_cast<std::uint8_t>(all) ? all : leave_out,
            .parts = row.parts,
            .whole = broker::job_id{row.whole},
            .whole_slot = row.whole_slot};
}

}  // namespace

store::run_change row_of(const broker::run_change& change) {
    store::run_change rows{.run = change.run.value(), .done = change.done, .forgets = change.forgets};
    if (change.begins) rows.begins = row_of(*change.begins);
    for (const broker::job_id one : change.ended) rows.ended.push_back(one.value());
    for (const broker::job_id one : change.closed) rows.closed.push_back(one.value());
    for (const auto& one : change.frames) rows.frames.push_back(row_of(one));
    for (const auto& one : change.parts) rows.parts.push_back({one.frame.value(), one.slot, one.bytes});
    for (const auto& one : change.jobs) rows.jobs.push_back(row_of(one));
    for (const auto& one : change.gathered) rows.gathered.push_back({row_of(one.job), one.frame.value()});
    if (change.end) {
        rows.end = store::run_end_row{static_cast<std::uint8_t>(change.end->state), change.end->outcome,
                                      change.end->expires, change.end->why};
    }
    return rows;
}

std::vector<broker::restored_run> restored(const store::kept_runs& kept) {
    std::vector<broker::restored_run> all;
    std::unordered_map<store::job_number, std::size_t> runs;
    for (const store::run_row& row : kept.runs) {
        runs.emplace(row.id, all.size());
        all.push_back({.run = {.id = broker::job_id{row.id},
                               .name = row.name,
                               .function = row.function,
                               .began = row.began,
                               .keep = row.keep,
                               .state = state_of(row.end),
                               .expires = row.expires,
                               .why = row.why,
                               .taker = row.taker}});
    }
    std::unordered_map<store::frame_number, std::vector<broker::settled_part>> parts;
    for (const store::known_part& one : kept.parts) parts[one.frame].push_back({one.slot, one.bytes});
    for (const store::frame_row& row : kept.frames) {
        const auto run = runs.find(row.run);
        if (run != runs.end()) all[run->second].frames.push_back({record_of(row), std::move(parts[row.id])});
    }
    for (const store::tally_row& row : kept.tallies) {
        const auto run = runs.find(row.run);
        if (run != runs.end()) all[run->second].done.emplace_back(row.node, row.done);
    }
    return all;
}

std::string_view word_of(std::uint8_t end) noexcept {
    switch (state_of(end)) {
        case broker::run_state::value: return "value";
        case broker::run_state::failure: return "failure";
        case broker::run_state::nothing: return "nothing";
        case broker::run_state::cancelled: return "cancelled";
        default: return "broken";
    }
}

}  // namespace sheaf::server
