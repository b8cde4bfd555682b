// The guide's page about runs in trouble: the hottest cities again, with a mapper that throws for lines that make no sense.
#include <algorithm>
#include <charconv>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::map_reduce<"trouble.hottest", std::string, int> hottest{};

// [mapper]
void read_lines(const sheaf::text_split& in, sheaf::emitter<std::string, int>& out) {
    for (const std::string_view line : in.lines()) {
        const auto blank = line.find(' ');
        int degrees = 0;
        if (blank == line.npos ||
            std::from_chars(line.data() + blank + 1, line.data() + line.size(), degrees).ec != std::errc{}) {
            throw std::invalid_argument("not a city and its temperature");
        }
        out.emit(line.substr(0, blank), degrees);
    }
}
// [/mapper]

void run_without_bad_records(sheaf::cluster& cluster, const sheaf::input& temperatures) {
    // [bad]
    const auto report = hottest.run(cluster, {.input = temperatures, .output = "degrees", .bad_records = 10});
    std::cout << report.bad_records << " record was left out, see "
              << report.bad_records_file.substr(report.output.rfind('/') + 1) << '\n';
    // [/bad]
}

void run_and_watch(sheaf::cluster& cluster, const sheaf::input& temperatures) {
    // [start]
    auto run = hottest.start(cluster, {.input = temperatures, .output = "watched", .bad_records = 10});
    for (const sheaf::map_reduce_event& one : run.events()) {
        if (const auto* skipped = std::get_if<sheaf::map_reduce_events::record_skipped>(&one)) {
            std::cout << "skipped, at byte " << skipped->offset << ": " << skipped->reason << '\n';
        }
    }
    const auto report = run.wait();
    // [/start]
    std::cout << report.keys << " cities\n";
}

void run_to_the_end(sheaf::cluster& cluster, const sheaf::input& temperatures) {
    // [resume]
    const auto report =
        hottest.run(cluster, {.input = temperatures, .output = "resumable", .resume = true, .bad_records = 10});
    std::cout << report.units_resumed << " units had been done before\n";
    // [/resume]
}

void run_twice(sheaf::cluster& cluster, const sheaf::input& temperatures) {
    // [verify]
    const auto report = hottest.run(
        cluster, {.input = temperatures, .output = "verified", .partitions = 1, .verify = true, .bad_records = 10});
    std::cout << report.units_verified << " units gave the same result twice\n";
    // [/verify]
}

int main(int argc, char** argv) {
    sheaf::app app{"trouble"};
    app.bind(hottest, sheaf::map_with(read_lines).combine_with([](int a, int b) { return std::max(a, b); }));
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> files) {
        const sheaf::input temperatures = sheaf::text_files({files.begin(), files.end()});
        run_without_bad_records(cluster, temperatures);
        run_and_watch(cluster, temperatures);
        run_to_the_end(cluster, temperatures);
        run_twice(cluster, temperatures);
        return 0;
    });
}
