// The guide's page about map/reduce: the average of each city, by a reduce step that sees all its values.
#include <charconv>
#include <iostream>
#include <span>
#include <string>

#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::map_reduce<"averages", std::string, int> averages{};

void read_lines(const sheaf::text_split& in, sheaf::emitter<std::string, int>& out) {
    for (const std::string_view line : in.lines()) {
        const auto blank = line.find(' ');
        int degrees = 0;
        if (blank == line.npos) continue;
        if (std::from_chars(line.data() + blank + 1, line.data() + line.size(), degrees).ec != std::errc{}) continue;
        out.emit(line.substr(0, blank), degrees);
    }
}

// [reduce]
void write_average(std::string_view city, auto& degrees, std::string& out) {
    long sum = 0;
    long count = 0;
    for (const int one : degrees) {
        sum += one;
        ++count;
    }
    out.append(city).append(" ").append(std::to_string(sum / count)).append("\n");
}
// [/reduce]

int main(int argc, char** argv) {
    sheaf::app app{"averages"};
    // [bind]
    app.bind(averages,
             sheaf::map_with(read_lines).reduce_with([](std::string_view city, auto& degrees, std::string& out) {
                 write_average(city, degrees, out);
             }));
    // [/bind]
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> files) {
        std::cerr << averages.run(cluster,
                                  {.input = sheaf::text_files({files.begin(), files.end()}), .output = "means"});
        return 0;
    });
}
