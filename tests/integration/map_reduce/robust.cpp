// A job of each kind that faults are tried on: robust JOB OUTPUT [NAME=VALUE...] INPUT...
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <signal.h>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

#include <sheaf/app.hpp>
#include <sheaf/inputs.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/server_status.hpp>
#include <sheaf/words.hpp>

namespace {

using count = std::uint64_t;
inline constexpr sheaf::map_reduce<"robust.count", std::string, count> count_words{};
inline constexpr sheaf::map_reduce<"robust.places", std::string, count> list_places{};
inline constexpr sheaf::map_reduce<"robust.slow", std::int64_t, count> take_time{};
inline constexpr sheaf::map_reduce<"robust.poison", std::string, count> meet_poison{};
inline constexpr sheaf::map_reduce<"robust.ranges", std::string, count> meet_poison_in_ranges{};
inline constexpr sheaf::map_reduce<"robust.deadly", std::int64_t, count> reduce_poison{};
inline constexpr sheaf::map_reduce<"robust.chance", std::string, count> take_chances{};
inline constexpr sheaf::map_reduce<"robust.lines", std::string, count> copy_lines{};
inline constexpr sheaf::map_reduce<"robust.ordered", std::string, count> count_in_order{};
inline constexpr sheaf::map_reduce<"robust.tiers", std::string, count> count_in_tiers{};
inline constexpr sheaf::map_reduce<"robust.process", std::string, count> tell_process{};

// As work does, it takes longer in a process that is stopped now and then: each step has to be run.
void work(int steps) {
    for (int i = 0; i < steps; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

// Notes that a mapper is run over what begins there: a line in the file that ROBUST_LOG names, if it does.
void note_mapping(const sheaf::text_split& of) {
    static const char* const path = std::getenv("ROBUST_LOG");
    if (path == nullptr) return;
    std::ofstream(path, std::ios::app) << std::to_string(of.offset()) + "\n" << std::flush;
}

void map_words(const sheaf::text_split& in, sheaf::emitter<std::string, count>& out) {
    note_mapping(in);
    sheaf::for_each_word(in.text(), [&](std::string_view word) { out.emit(word, 1); });
    out.count("bytes", in.text().size());
}

void map_lines(const sheaf::text_split& in, sheaf::emitter<std::string, count>& out) {
    note_mapping(in);
    for (const std::string_view line : in.lines()) out.emit(line, line.size());
    out.count("bytes", in.text().size());
}

void map_places(const sheaf::text_split& in, sheaf::emitter<std::string, count>& out) {
    note_mapping(in);
    count at = in.offset();
    for (const std::string_view line : in.lines()) {
        sheaf::for_each_word(line, [&](std::string_view word) { out.emit(word, at); });
        at += line.size() + 1;
    }
}
void reduce_places(std::string_view word, auto& places, std::string& out) {
    count number = 0;
    count hash = 14695981039346656037U;
    for (const count place : places) {
        hash = (hash ^ place) * 1099511628211U;
        ++number;
    }
    out.append(word).append(" ").append(std::to_string(number)).append(" ").append(std::to_string(hash)).append("\n");
}

void map_slowly(const sheaf::number_split& in, sheaf::emitter<std::int64_t, count>& out) {
    for (const std::int64_t number : in) {
        work(100);
        out.emit(number, 1);
    }
}

// Of map attempts, in all runs.
std::size_t files_in_the_making() {
    std::size_t found = 0;
    for (const auto& one : std::filesystem::recursive_directory_iterator(std::getenv("SHEAF_TMPDIR"))) {
        const std::string name = one.path().filename().string();
        if (name.starts_with("map-") && name.ends_with(".tmp")) ++found;
    }
    return found;
}

void map_poison(const sheaf::text_split& in, sheaf::emitter<std::string, count>& out) {
    note_mapping(in);
    for (const std::string_view line : in.lines()) {
        if (line == "throw") throw std::runtime_error("a line that throws");
        if (line == "die" && files_in_the_making() > 6) throw std::runtime_error("what the dead have left stays");
        if (line == "die") ::raise(SIGKILL);
        while (line == "hang") ::pause();
        out.emit(line, 1);
    }
}

void map_by_chance(const sheaf::text_split& in, sheaf::emitter<std::string, count>& out) {
    std::random_device chance;
    for (const std::string_view line : in.lines()) out.emit(line, chance());
}

void map_process(const sheaf::text_split& in, sheaf::emitter<std::string, count>& out) {
    for (const std::string_view line : in.lines()) out.emit(line, static_cast<count>(::getpid()));
}

void map_numbers(const sheaf::number_split& in, sheaf::emitter<std::int64_t, count>& out) {
    for (const std::int64_t number : in) out.emit(number, 1);
}
void die_at_seven(std::int64_t number, auto& values, std::string& out) {
    if (number == 7) ::raise(SIGKILL);
    for (const count one : values) out += std::to_string(number) + ' ' + std::to_string(one) + '\n';
}

// Until as many workers as the cluster has offer its job: one that is late has no part in a run that is over in a moment.
void wait_for_all_workers(sheaf::cluster& on, std::string_view function) {
    while (on.server_status().at(0).function(function).workers < on.workers()) std::this_thread::yield();
}

sheaf::map_reduce_report run(const std::string& name, sheaf::cluster& on, sheaf::map_reduce_options how) {
    if (name == "count") return count_words.run(on, std::move(how));
    if (name == "places") return list_places.run(on, std::move(how));
    if (name == "slow") return take_time.run(on, std::move(how));
    if (name == "poison") return meet_poison.run(on, std::move(how));
    if (name == "ranges") return meet_poison_in_ranges.run(on, std::move(how));
    if (name == "lines") return copy_lines.run(on, std::move(how));
    if (name == "ordered") return count_in_order.run(on, std::move(how));
    if (name == "tiers") return count_in_tiers.run(on, std::move(how));
    if (name == "deadly") return reduce_poison.run(on, std::move(how));
    if (name == "process") {
        wait_for_all_workers(on, "robust.process.map");
        return tell_process.run(on, std::move(how));
    }
    return take_chances.run(on, std::move(how));
}

// An argument that is an option, NAME=NUMBER.
bool take_option(sheaf::map_reduce_options& how, std::string_view text) {
    const std::size_t equals = text.find('=');
    std::uint64_t value = 0;
    if (equals == text.npos ||
        std::from_chars(text.data() + equals + 1, text.data() + text.size(), value).ec != std::errc{}) {
        return false;
    }
    const std::string_view name = text.substr(0, equals);
    if (name == "resume")
        how.resume = value != 0;
    else if (name == "verify")
        how.verify = value != 0;
    else if (name == "backups")
        how.backups = value != 0;
    else if (name == "bad_records")
        how.bad_records = value;
    else if (name == "partitions")
        how.partitions = static_cast<std::uint32_t>(value);
    else if (name == "split_bytes")
        how.split_bytes = value;
    else if (name == "memory")
        how.memory = value;
    else if (name == "stalled_ms")
        how.stalled_after = std::chrono::milliseconds(value);
    else if (name == "wait_for_space_ms")
        how.wait_for_space = std::chrono::milliseconds(value);
    else if (name == "wait_for_servers_ms")
        how.wait_for_servers = std::chrono::milliseconds(value);
    else if (name == "progress")
        how.progress = value != 0;
    else if (name == "attempts")
        how.attempts_max = static_cast<unsigned>(value);
    else if (name == "numbers")
        how.input = sheaf::numbers(0, static_cast<std::int64_t>(value));
    else
        return false;
    return true;
}

const char* stage_name(sheaf::run_stage stage) {
    switch (stage) {
        case sheaf::run_stage::sample: return "sample";
        case sheaf::run_stage::map: return "map";
        case sheaf::run_stage::merge: return "merge";
        case sheaf::run_stage::reduce: break;
    }
    return "reduce";
}

// One line for a test to read.
void print(const sheaf::map_reduce_report& report) {
    std::cout << "splits=" << report.splits << " attempts=" << report.attempts << " retries=" << report.retries
              << " backups=" << report.backups << " lost_workers=" << report.workers_lost
              << " lost_segments=" << report.segments_lost << " resumed=" << report.units_resumed
              << " verified=" << report.units_verified << " bad=" << report.bad_records
              << " ms=" << report.wall_time.count();
    std::map<sheaf::run_stage, unsigned> attempts;
    for (const sheaf::attempt_record& one : report.attempt_log) ++attempts[one.stage];
    for (const auto& [stage, number] : attempts) std::cout << ' ' << stage_name(stage) << "_attempts=" << number;
    for (const auto& [name, number] : report.counters) std::cout << ' ' << name << '=' << number;
    std::cout << '\n';
}

int drive(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    sheaf::map_reduce_options how{.output = arguments[1], .progress = false};
    std::vector<std::string> inputs;
    for (const std::string& one : arguments.subspan(2)) {
        if (one == "single=1") {
            how.output = sheaf::single_file(arguments[1]);
        } else if (!take_option(how, one)) {
            inputs.push_back(one);
        }
    }
    if (!inputs.empty()) how.input = sheaf::text_files(std::move(inputs));
    print(run(arguments[0], cluster, std::move(how)));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    sheaf::app app("robust");
    app.bind(count_words, sheaf::map_with(map_words).combine_with(std::plus<>{}));
    app.bind(list_places,
             sheaf::map_with(map_places).reduce_with([](std::string_view word, auto& places, std::string& out) {
                 reduce_places(word, places, out);
             }));
    app.bind(take_time,
             sheaf::map_with(map_slowly).reduce_with([](std::int64_t number, auto& values, std::string& out) {
                 work(25);
                 for (const count one : values) out += std::to_string(number) + ' ' + std::to_string(one) + '\n';
             }));
    app.bind(meet_poison, sheaf::map_with(map_poison).combine_with(std::plus<>{}));
    app.bind(meet_poison_in_ranges,
             sheaf::map_with(map_poison).partition_with(sheaf::by_range).combine_with(std::plus<>{}));
    app.bind(reduce_poison,
             sheaf::map_with(map_numbers).reduce_with([](std::int64_t number, auto& values, std::string& out) {
                 die_at_seven(number, values, out);
             }));
    app.bind(copy_lines, sheaf::map_with(map_lines).map_only());
    app.bind(count_in_order, sheaf::map_with(map_words).combine_with(std::plus<>{}).partition_with(sheaf::by_range));
    app.bind(count_in_tiers, sheaf::map_with(map_words).combine_with(std::plus<>{}).in_two_tiers());
    app.bind(tell_process, sheaf::map_with(map_process).combine_with(std::plus<>{}));
    app.bind(take_chances, sheaf::map_with(map_by_chance).combine_with(std::plus<>{}));
    return app.run(argc, argv, drive);
}
