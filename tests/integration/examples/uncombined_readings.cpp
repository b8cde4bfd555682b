// The example readings, which summarizes while it maps, as a job that keeps all measurements until it reduces.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <utility>

#include <sheaf/app.hpp>
#include <sheaf/command_line.hpp>
#include <sheaf/inputs.hpp>
#include <sheaf/map_reduce.hpp>

namespace {

struct measurement {
    std::uint32_t sensor;
    std::uint16_t hour;
    std::uint16_t unused;
    double value;
};
using place_and_hour = std::pair<std::uint32_t, std::uint16_t>;

inline constexpr sheaf::map_reduce<"uncombined.readings", place_and_hour, double> summarize{};

void read_measurements(const sheaf::fixed_split& in, sheaf::emitter<place_and_hour, double>& out) {
    for (std::size_t i = 0; i < in.size(); ++i) {
        const auto one = in.as<measurement>(i);
        out.emit({one.sensor, one.hour}, one.value);
    }
}

void write_summary(const place_and_hour& where, auto& values, std::string& out) {
    unsigned long long count = 0;
    double sum = 0;
    double least = std::numeric_limits<double>::infinity();
    double greatest = -least;
    for (const double value : values) {
        ++count;
        sum += value;
        least = std::min(least, value);
        greatest = std::max(greatest, value);
    }
    char line[200];
    const int length = std::snprintf(line, sizeof line, "%u\t%u\t%llu\t%.6f\t%.3f\t%.3f\n", where.first,
                                     unsigned{where.second}, count, sum / static_cast<double>(count), least, greatest);
    out.append(line, static_cast<std::size_t>(length));
}

int drive(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    CLI::App reader("Summarizes measurements.");
    sheaf::map_reduce_options how;
    std::vector<std::string> inputs;
    std::string output;
    reader.add_option("inputs", inputs)->required();
    reader.add_option("--output", output)->required();
    sheaf::add_run_options(reader, how);
    if (const auto status = sheaf::parse_arguments(reader, arguments)) return *status;
    how.input = sheaf::fixed_records(inputs, sizeof(measurement));
    how.output = output;
    (void)summarize.run(cluster, how);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    sheaf::app app("uncombined_readings");
    app.bind(summarize,
             sheaf::map_with(read_measurements).reduce_with([](const auto& where, auto& values, std::string& out) {
                 write_summary(where, values, out);
             }));
    return app.run(argc, argv, drive);
}
