// What was odd about a run.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "base/printable.hpp"
#include "report/lanes.hpp"
#include "report/units_text.hpp"
#include <sheaf/run_report.hpp>

namespace sheaf {
namespace {

using detail::bytes_text;
using detail::count_text;
using detail::duration_text;
using std::chrono::microseconds;
using std::chrono::milliseconds;

milliseconds in_milliseconds(microseconds time) { return std::chrono::duration_cast<milliseconds>(time); }

std::string percent_text(double share) { return std::to_string(std::lround(share * 100)) + "%"; }

bool counts(const attempt_record& one) { return one.outcome == attempt_record::end::won; }

// The attempts of a stage whose output counts.
std::vector<const attempt_record*> winners_of(const map_reduce_report& report, run_stage stage) {
    std::vector<const attempt_record*> all;
    for (const attempt_record& one : report.attempt_log) {
        if (one.stage == stage && counts(one)) all.push_back(&one);
    }
    return all;
}

constexpr const char* small_before_they_travel =
    "A combiner or an accumulator would make such keys small before they travel; where there can be none, a number "
    "behind "
    "the key spreads it over several reducers, for a second run that brings their results together.";

// Keys may be of any length, and hold anything.
std::string shown(const frequent_key& one) {
    constexpr std::size_t most = 60;
    return printable(one.key.size() <= most ? one.key : one.key.substr(0, most) + "...");
}

std::optional<std::string> frequent_key_of(const map_reduce_report& report) {
    if (report.frequent_keys.empty()) return std::nullopt;
    const frequent_key& most = report.frequent_keys.front();
    constexpr double worth_a_word = 0.25;
    const bool is_one_of_few = most.share * static_cast<double>(report.keys) < 4;
    if (most.share < worth_a_word || is_one_of_few) return std::nullopt;
    const std::string text =
        "About " + percent_text(most.share) + " of what the mappers emitted has the key '" + shown(most) + "'";
    if (most.folded) return text + ". It was combined where it was emitted, so this cost little.";
    return text + ", and one reducer had to take all of it. " + small_before_they_travel;
}

std::optional<std::string> largest_partition(const map_reduce_report& report) {
    const auto reduces = winners_of(report, run_stage::reduce);
    if (reduces.size() < 2) return std::nullopt;
    const auto records = [](const attempt_record* one) { return one->records; };
    const attempt_record* const largest = *std::ranges::max_element(reduces, {}, records);
    std::uint64_t total = 0;
    for (const attempt_record* one : reduces) total += one->records;
    const double share = static_cast<double>(largest->records) / static_cast<double>(std::max<std::uint64_t>(total, 1));
    const double fair = 1.0 / static_cast<double>(reduces.size());
    constexpr std::uint64_t worth_a_word = 10'000;
    if (largest->records < worth_a_word || share < 2 * fair || share < fair + 0.05) return std::nullopt;
    std::string text = (largest->partitions > 1 ? "Partitions " : "Partition ") + detail::number_of(*largest) +
                       " got " + percent_text(share) + " of the records, where " + percent_text(fair) +
                       " would be even: some of its keys are much more frequent than others.";
    if (frequent_key_of(report)) return text;  // says the rest
    if (!report.frequent_keys.empty()) text += " The most frequent is '" + shown(report.frequent_keys.front()) + "'.";
    return text + " " + small_before_they_travel;
}

std::optional<std::string> tiny_files(const map_reduce_report& report) {
    constexpr std::uint64_t many = 1000;
    constexpr std::uint64_t tiny = 64 * 1024;
    if (report.input_files < many || report.input_bytes / report.input_files >= tiny) return std::nullopt;
    return "The input is " + count_text(report.input_files) + " files of " +
           bytes_text(report.input_bytes / report.input_files) +
           " on average: opening them costs more than reading them. Fewer, larger files would be faster: put many of "
           "them "
           "into one, as by cat or gzip, where they are made.";
}

std::optional<std::string> spilling(const map_reduce_report& report) {
    if (report.spills == 0) return std::nullopt;
    return "Attempts wrote to disk " + count_text(report.spills, "time") +
           " before their end, because their memory was used up. With more of it (memory, --memory), they would not.";
}

std::optional<std::string> slowest_unit(const map_reduce_report& report, run_stage stage) {
    const auto attempts = winners_of(report, stage);
    if (attempts.size() < 4) return std::nullopt;
    const auto time = [](const attempt_record* one) { return one->ended - one->began; };
    const attempt_record* const slowest = *std::ranges::max_element(attempts, {}, time);
    microseconds sum{0};
    for (const attempt_record* one : attempts) sum += time(one);
    const microseconds mean = sum / static_cast<microseconds::rep>(attempts.size());
    if (time(slowest) < std::chrono::seconds(1) || time(slowest) < 4 * mean) return std::nullopt;
    return detail::name_of(*slowest) + " took " + duration_text(in_milliseconds(time(slowest))) +
           ", where the mean of its stage is " + duration_text(in_milliseconds(mean)) +
           (slowest->worker.empty() ? "" : " (worker " + slowest->worker + ")") + ".";
}

// Workers that were there at the same time: one that was ended, and the one in its place, are one slot.
std::size_t slots_of(const map_reduce_report& report) {
    std::map<std::string_view, std::pair<microseconds, microseconds>> lives;
    for (const attempt_record& one : report.attempt_log) {
        if (one.worker.empty()) continue;  // it ran in a slot that is counted already
        auto& [began, ended] = lives.try_emplace(one.worker, one.began, one.ended).first->second;
        began = std::min(began, one.began);
        ended = std::max(ended, one.ended);
    }
    std::vector<std::pair<microseconds, int>> changes;
    for (const auto& [worker, life] : lives) {
        changes.emplace_back(life.first, 1);
        changes.emplace_back(life.second, -1);
    }
    std::ranges::sort(changes);  // of two at one moment, the end first
    int now = 0;
    int most = 0;
    for (const auto& [at, by] : changes) most = std::max(most, now += by);
    return static_cast<std::size_t>(most);
}

std::optional<std::string> idle_slots(const map_reduce_report& report) {
    const microseconds wall = report.map_time + report.reduce_time;
    const std::size_t slots = slots_of(report);
    if (slots < 2 || wall < std::chrono::seconds(5)) return std::nullopt;
    microseconds busy{0};
    for (const attempt_record& one : report.attempt_log) {
        if (!one.worker.empty()) busy += one.ended - one.began;
    }
    const double share =
        static_cast<double>(busy.count()) / (static_cast<double>(wall.count()) * static_cast<double>(slots));
    if (share > 0.6) return std::nullopt;
    return "The " + count_text(slots, "slot") + " had work for " + percent_text(share) +
           " of the time: smaller splits or more partitions would share it out more evenly.";
}

std::optional<std::string> left_out(const map_reduce_report& report) {
    if (report.bad_records == 0) return std::nullopt;
    const std::string text =
        count_text(report.bad_records, "bad record") + (report.bad_records == 1 ? " was" : " were") + " left out; ";
    if (!report.bad_records_file.empty()) return text + "see " + report.bad_records_file + ".";
    if (report.left_out.empty()) return text + "name a file for them to see more (bad_records_file).";
    const left_out_record& first = report.left_out.front();
    return text + "the first: " + first.place + (first.length != 0 ? ", byte " + std::to_string(first.offset) : "") +
           ": " + first.reason + ".";
}

}  // namespace

std::vector<std::string> findings(const map_reduce_report& report) {
    std::vector<std::string> all = report.notes;
    const auto add = [&all](std::optional<std::string> one) {
        if (one) all.push_back(std::move(*one));
    };
    add(left_out(report));
    add(frequent_key_of(report));
    add(largest_partition(report));
    add(slowest_unit(report, run_stage::map));
    add(slowest_unit(report, run_stage::reduce));
    add(tiny_files(report));
    add(spilling(report));
    add(idle_slots(report));
    return all;
}

}  // namespace sheaf
