// The guide's page about map/reduce: the three cities with the largest turnover, from lines such as
// "2026-03-01 Oslo umbrella 3 19.90".
// [program]
#include <algorithm>
#include <charconv>
#include <functional>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>
#include <sheaf/words.hpp>

inline constexpr sheaf::map_reduce<"turnover", std::string, double> turnover{};

void read_sales(const sheaf::text_split& in, sheaf::emitter<std::string, double>& out) {
    std::vector<std::string_view> fields;
    for (const std::string_view line : in.lines()) {
        fields.clear();
        sheaf::for_each_word(line, [&](std::string_view field) { fields.push_back(field); });
        if (fields.size() < 5) continue;
        double pieces = 0;
        double price = 0;
        std::from_chars(fields[3].data(), fields[3].data() + fields[3].size(), pieces);
        std::from_chars(fields[4].data(), fields[4].data() + fields[4].size(), price);
        out.emit(fields[1], pieces * price);
    }
}

int main(int argc, char** argv) {
    sheaf::app app{"turnover"};
    app.bind(turnover, sheaf::map_with(read_sales).combine_with(std::plus<>{}));
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> files) {
        const auto report =
            turnover.run(cluster, {.input = sheaf::text_files({files.begin(), files.end()}), .output = "sums"});
        std::vector<std::pair<double, std::string>> cities;
        turnover.for_each_result(
            report, [&](std::string_view city, double sum) { cities.emplace_back(sum, std::string(city)); });
        std::ranges::sort(cities, std::greater<>{});
        if (cities.size() > 3) cities.resize(3);
        for (const auto& [sum, city] : cities) std::cout << city << ' ' << sum << '\n';
        return 0;
    });
}
// [/program]
