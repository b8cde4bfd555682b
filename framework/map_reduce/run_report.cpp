// The end of a run: its output appears, and all that was done is added up.
#include <algorithm>
#include <map>
#include <utility>

#include "map_reduce/bad_record_file.hpp"
#include "map_reduce/driver.hpp"
#include "map_reduce/frequent_keys.hpp"

namespace sheaf::detail {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::size_t left_out_listed_max = 100;

// Enough to see what is wrong; the file has them all.
void add_left_out(map_reduce_report& report, const std::vector<bad_record>& bad) {
    for (const bad_record& one : bad) {
        if (report.left_out.size() >= left_out_listed_max) return;
        report.left_out.push_back({one.place, one.offset, one.length, one.reason});
    }
}

}  // namespace

map_reduce_report run_driver::finish() {
    // A run that was taken over when its output was about to appear may have listed them before.
    const bool overwrite = how_.overwrite || state_.account.publishing().has_value();
    bad_record_file bad =
        or_throw(bad_record_file::write(state_.account, bad_records_path(how_, state_.output.path()), overwrite));
    if (setup_.job.map_only) {
        accept_mapped();
    } else {
        discard_segments();
    }
    published_output done = publish([&bad] { return bad.publish(); });
    map_reduce_report report;
    report.bad_records_file = bad.keep();
    report.output = std::move(done.path);
    report.files = std::move(done.files);
    report.dataset = std::move(done.kept);
    report.input_files = setup_.input.list.files.size();
    report.input_skipped = setup_.input.list.skipped;
    report.input_bytes = setup_.input.bytes;
    report.splits = state_.account.order().size();
    report.notes = std::move(notes_);
    if (std::string remark = places_.remark(); !remark.empty()) report.notes.push_back(std::move(remark));
    if (const std::uint64_t refusals = plan_.counts().refusals; refusals != 0) {
        report.notes.push_back(std::to_string(refusals) +
                               " attempts had to be made again for want of disk space: " + last_refusal_);
    }
    if (!state_.log.trouble().empty() && how_.resume) report.notes.push_back(state_.log.trouble());
    add_units(report);
    add_counts(report);
    return report;
}

// Of a map-only job: the output is what was mapped, in the order of the input.
void run_driver::accept_mapped() {
    if (state_.output.is_published()) return;
    std::uint32_t part = 0;
    for (const std::uint32_t index : state_.account.order()) {
        if (auto done = state_.output.accept(part++, state_.account.mapped(index)->file); !done)
            throw_failed(done.error());
    }
}

// Nobody needs them any more: their space is given back before the output takes its time to reach the disk.
void run_driver::discard_segments() const {
    for (const std::uint32_t index : state_.account.order()) {
        if (const map_output* const made = state_.account.mapped(index)) state_.work.remove(made->file);
    }
    for (std::uint32_t group = 0; group < state_.account.header().groups; ++group) {
        if (const reduce_output* const made = state_.account.merged(group)) state_.work.remove(made->file);
    }
}

// A full disk may have space in a moment, as it may for an attempt.
published_output run_driver::publish(const std::function<basic_result<void, error>()>& first) {
    constexpr milliseconds pause{100};
    for (const auto until = clock::now() + how_.wait_for_space;;) {
        auto done = state_.publish(first);
        if (done) return std::move(*done);
        error why = done.error();
        if (!state_.output.wants_space()) throw_failed(std::move(why));
        const auto now = clock::now();
        if (now >= until) {
            why.message += "; there was no space for " + std::to_string(how_.wait_for_space.count()) +
                           " ms (wait_for_space). Everything but the output's last step is done.";
            throw_failed(std::move(why));
        }
        (void)events_->wait(std::min(until, now + pause), company_.stop);  // attempts of which nobody needs to hear
        throw_if_interrupted();
    }
}

void run_driver::add_counts(map_reduce_report& report) const {
    const run_plan::tally& counts = plan_.counts();
    report.attempts = counts.attempts;
    report.retries = counts.retries;
    report.backups = counts.backups;
    report.workers_lost = counts.workers_lost;
    report.segments_lost = counts.segments_lost;
    report.units_verified = counts.verified;
    report.units_resumed = state_.units_resumed;
    report.bad_records = state_.account.bad_records();
    report.attempt_log = log_.records();
    const auto now = clock::now();
    report.map_time = duration_cast<milliseconds>(maps_done_.value_or(now) - setup_.began);
    report.reduce_time = duration_cast<milliseconds>(now - maps_done_.value_or(now));
    report.wall_time = duration_cast<milliseconds>(now - setup_.began);
}

void run_driver::add_units(map_reduce_report& report) const {
    std::map<std::string, std::uint64_t> totals;
    frequent_key_tally frequent;
    const auto add_common = [&](const auto& one) {
        report.spills += one.spills;
        for (const auto& [name, count] : one.counters) totals[name] += count;
    };
    for (const std::uint32_t index : state_.account.order()) {
        const map_output* const one = state_.account.mapped(index);
        if (one == nullptr) continue;  // taken over with everything reduced
        for (const std::string& said : one->notes) {
            if (std::ranges::find(report.notes, said) == report.notes.end()) report.notes.push_back(said);
        }
        frequent.add(*one);
        report.records += one->records_out;
        add_left_out(report, one->bad);
        (setup_.job.map_only ? report.output_bytes : report.shuffled_bytes) += one->segment_bytes;
        add_common(*one);
    }
    for (std::uint32_t unit = 0; unit < state_.account.reduce_units(); ++unit) {
        const reduce_output& one = *state_.account.reduced(unit);
        report.keys += one.records_out;
        report.output_bytes += one.output_bytes;
        add_left_out(report, one.bad);
        add_common(one);
    }
    for (const attempt_record& one : log_.records()) {  // merges are not accounted for
        if (one.stage == run_stage::merge && one.outcome == attempt_record::end::won) report.spills += one.spills;
    }
    report.frequent_keys = frequent.keys(!setup_.job.keeps_records);
    report.counters.assign(totals.begin(), totals.end());
}

}  // namespace sheaf::detail
