#include "store/run_tables.hpp"

#include <utility>

#include "store/sqlite_values.hpp"

namespace sheaf::store {
namespace {

std::uint8_t small_of(std::int64_t number) {
    return static_cast<std::uint8_t>(std::clamp<std::int64_t>(number, 0, 255));
}

}  // namespace

run_tables::run_tables(sqlite_file& file, job_table jobs)
    : file_(file),
      jobs_(std::move(jobs)),
      begin_(file.prepare("INSERT INTO run (id, name, function, began, keep, ended, expires, taker, outcome) "
                          "VALUES (?, ?, ?, ?, ?, 0, 0, x'', x'')")),
      open_(file.prepare(
          "INSERT INTO frame (id, run, gate, rule, parts, whole, whole_slot) VALUES (?, ?, ?, ?, ?, ?, ?)")),
      put_(file.prepare("INSERT OR IGNORE INTO part (frame, slot, payload) VALUES (?, ?, ?)")),
      parts_(file.prepare("SELECT payload FROM part WHERE frame = ? ORDER BY slot")),
      drop_parts_(file.prepare("DELETE FROM part WHERE frame = ?")),
      drop_frame_(file.prepare("DELETE FROM frame WHERE id = ?")),
      count_(file.prepare("INSERT INTO tally (run, node, done) VALUES (?, ?, 1) "
                          "ON CONFLICT (run, node) DO UPDATE SET done = done + 1")),
      end_(file.prepare("UPDATE run SET ended = ?, expires = ?, outcome = ?, why = ? WHERE id = ?")),
      forget_(file.prepare("DELETE FROM run WHERE id = ?")),
      forget_tallies_(file.prepare("DELETE FROM tally WHERE run = ?")),
      outcome_(file.prepare("SELECT ended, taker, outcome FROM run WHERE id = ? AND ended <> 0")),
      taken_(file.prepare("UPDATE run SET taker = ? WHERE id = ?")) {}

kept_runs run_tables::all() {
    kept_runs kept;
    auto runs =
        file_.prepare("SELECT id, name, function, began, keep, ended, expires, taker, why FROM run ORDER BY id");
    while (runs.step()) {
        kept.runs.push_back({.id = unsigned_of(runs.number(0)),
                             .name = std::string(runs.bytes(1)),
                             .function = std::string(runs.bytes(2)),
                             .began = time_of(runs.number(3)),
                             .keep = std::chrono::seconds(runs.number(4)),
                             .end = small_of(runs.number(5)),
                             .expires = time_of(runs.number(6)),
                             .why = std::string(runs.bytes(8)),
                             .taker = std::string(runs.bytes(7))});
    }
    auto frames = file_.prepare("SELECT id, run, gate, rule, parts, whole, whole_slot FROM frame ORDER BY id");
    while (frames.step()) {
        kept.frames.push_back({.id = unsigned_of(frames.number(0)),
                               .run = unsigned_of(frames.number(1)),
                               .gate = count_of(frames.number(2)),
                               .rule = small_of(frames.number(3)),
                               .parts = count_of(frames.number(4)),
                               .whole = unsigned_of(frames.number(5)),
                               .whole_slot = count_of(frames.number(6))});
    }
    auto parts = file_.prepare("SELECT frame, slot, length(payload) FROM part");
    while (parts.step()) {
        kept.parts.push_back({unsigned_of(parts.number(0)), count_of(parts.number(1)), unsigned_of(parts.number(2))});
    }
    auto tallies = file_.prepare("SELECT run, node, done FROM tally");
    while (tallies.step()) {
        kept.tallies.push_back(
            {unsigned_of(tallies.number(0)), count_of(tallies.number(1)), unsigned_of(tallies.number(2))});
    }
    return kept;
}

void run_tables::apply(run_change& change) {
    if (change.begins) begin(*change.begins);
    for (const job_number one : change.ended) jobs_.forget(one);
    for (const frame_number one : change.closed) close(one);
    for (const frame_row& one : change.frames) open(one);
    for (const part_row& one : change.parts) put(one);
    for (const job_row& one : change.jobs) jobs_.keep(one);
    for (gathered_row& one : change.gathered) gather(one);
    for (const std::uint32_t node : change.done)
        count_.bind(1, signed_of(change.run)).bind(2, std::int64_t{node}).run();
    if (change.end) end(change.run, *change.end);
    if (change.forgets) forget(change.run);
}

void run_tables::begin(const run_row& run) {
    begin_.bind(1, signed_of(run.id))
        .bind(2, run.name)
        .bind(3, run.function)
        .bind(4, nanoseconds_of(run.began))
        .bind(5, run.keep.count())
        .run();
}

void run_tables::open(const frame_row& frame) {
    open_.bind(1, signed_of(frame.id))
        .bind(2, signed_of(frame.run))
        .bind(3, std::int64_t{frame.gate})
        .bind(4, std::int64_t{frame.rule})
        .bind(5, std::int64_t{frame.parts})
        .bind(6, signed_of(frame.whole))
        .bind(7, std::int64_t{frame.whole_slot})
        .run();
}

void run_tables::put(const part_row& part) {
    put_.bind(1, signed_of(part.frame)).bind(2, std::int64_t{part.slot}).bind(3, part.bytes.view()).run();
}

void run_tables::close(frame_number frame) {
    drop_parts_.bind(1, signed_of(frame)).run();
    drop_frame_.bind(1, signed_of(frame)).run();
}

void run_tables::gather(gathered_row& what) {
    std::string all(what.row.payload.view());
    parts_.bind(1, signed_of(what.frame));
    {
        const statement_end after(parts_);
        while (parts_.step()) all.append(parts_.bytes(0));
    }
    close(what.frame);
    what.payload = shared_bytes(all);
    job_row row = what.row;
    row.payload = what.payload;
    jobs_.keep(row);
}

void run_tables::end(job_number run, const run_end_row& how) {
    end_.bind(1, std::int64_t{how.end})
        .bind(2, nanoseconds_of(how.expires))
        .bind(3, how.outcome.view())
        .bind(4, std::string_view(how.why))
        .bind(5, signed_of(run))
        .run();
}

void run_tables::forget(job_number run) {
    forget_.bind(1, signed_of(run)).run();
    forget_tallies_.bind(1, signed_of(run)).run();
}

reply run_tables::take(const take_outcome& what) {
    run_outcome found;
    {
        outcome_.bind(1, signed_of(what.run));
        const statement_end after(outcome_);
        if (!outcome_.step()) return {};
        found.end = small_of(outcome_.number(0));
        found.taker = outcome_.bytes(1);
        if (found.taker.empty() || found.taker == what.taker) found.outcome = shared_bytes(outcome_.bytes(2));
    }
    if (found.taker.empty()) {
        taken_.bind(1, std::string_view(what.taker)).bind(2, signed_of(what.run)).run();
        found.taker = what.taker;
    }
    return found;
}

}  // namespace sheaf::store
