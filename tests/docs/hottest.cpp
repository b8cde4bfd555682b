// The guide's page about map/reduce: the highest temperature of each city, from lines such as "Oslo 12".
#include <algorithm>
#include <charconv>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

// [job]
inline constexpr sheaf::map_reduce<"hottest", std::string, int> hottest{};

void read_lines(const sheaf::text_split& in, sheaf::emitter<std::string, int>& out) {
    for (const std::string_view line : in.lines()) {
        const auto blank = line.find(' ');
        int degrees = 0;
        if (blank == line.npos ||
            std::from_chars(line.data() + blank + 1, line.data() + line.size(), degrees).ec != std::errc{}) {
            out.count("bad lines");
            continue;
        }
        out.emit(line.substr(0, blank), degrees);
    }
}
// [/job]

int main(int argc, char** argv) {
    sheaf::app app{"hottest"};
    // [bind]
    app.bind(hottest, sheaf::map_with(read_lines).combine_with([](int a, int b) { return std::max(a, b); }));
    // [/bind]
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> files) {
        // [run]
        const auto report =
            hottest.run(cluster, {.input = sheaf::text_files({files.begin(), files.end()}), .output = "degrees"});
        // [/run]
        // [read]
        std::vector<std::pair<int, std::string>> cities;
        hottest.for_each_result(
            report, [&](std::string_view city, int degrees) { cities.emplace_back(degrees, std::string(city)); });
        std::ranges::sort(cities, std::greater<>{});
        for (const auto& [degrees, city] : cities) std::cout << city << ' ' << degrees << '\n';
        // [/read]
        for (const auto& [name, count] : report.counters) std::cout << count << ' ' << name << '\n';
        return 0;
    });
}
