// Mean, least and greatest of millions of measurements, for each sensor and hour: a key and an accumulator of one's own.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <limits>
#include <span>
#include <string>

#include <sheaf/app.hpp>
#include <sheaf/command_line.hpp>
#include <sheaf/inputs.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/run_report.hpp>

// [job]
// A measurement as the files have it.
struct measurement {
    std::uint32_t sensor;
    std::uint16_t hour;
    std::uint16_t unused;
    double value;
};

struct place_and_hour {
    std::uint32_t sensor = 0;
    std::uint16_t hour = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(sensor, hour);
    }
};

struct summary {
    std::uint64_t count = 0;
    double sum = 0;
    double least = std::numeric_limits<double>::infinity();
    double greatest = -std::numeric_limits<double>::infinity();

    void add(double value) {
        ++count;
        sum += value;
        least = std::min(least, value);
        greatest = std::max(greatest, value);
    }
    void merge(const summary& other) {
        count += other.count;
        sum += other.sum;
        least = std::min(least, other.least);
        greatest = std::max(greatest, other.greatest);
    }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(count, sum, least, greatest);
    }
};

inline constexpr sheaf::map_reduce<"readings", place_and_hour, double> summarize{};

void read_measurements(const sheaf::fixed_split& in, sheaf::emitter<place_and_hour, double>& out) {
    for (std::size_t i = 0; i < in.size(); ++i) {
        const auto one = in.as<measurement>(i);
        out.emit({one.sensor, one.hour}, one.value);
    }
}

void write_summary(std::string& out, const place_and_hour& where, const summary& of) {
    char line[200];
    const int length = std::snprintf(line, sizeof line, "%u\t%u\t%llu\t%.6f\t%.3f\t%.3f\n", where.sensor, where.hour,
                                     static_cast<unsigned long long>(of.count), of.sum / static_cast<double>(of.count),
                                     of.least, of.greatest);
    out.append(line, static_cast<std::size_t>(length));
}
// [/job]

int run(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    CLI::App reader(
        "Summarizes files of 16-byte measurements (u32 sensor, u16 hour, u16 unused, f64 value; little endian): lines "
        "of\n"
        "sensor, hour, count, mean, least and greatest.",
        "readings");
    sheaf::map_reduce_options how;
    std::string output;
    std::string report_directory;
    std::vector<std::string> inputs;
    reader.add_option("inputs", inputs, "Files of measurements, and directories of such files.")
        ->required()
        ->type_name("FILE|DIR");
    reader.add_option("--output", output, "The directory to make.")
        ->required()
        ->type_name("DIR")
        ->allow_extra_args(false);
    reader.add_option("--report", report_directory, "Also write a report of the run there.")->type_name("DIR");
    sheaf::add_run_options(reader, how);
    if (const auto status = sheaf::parse_arguments(reader, arguments)) return *status;
    // [run]
    how.input = sheaf::fixed_records(inputs, sizeof(measurement));
    how.output = output;
    const auto report = summarize.run(cluster, how);
    // [/run]
    if (!report_directory.empty()) sheaf::write_report(report, report_directory);
    std::cerr << report;
    return 0;
}

// [main]
int main(int argc, char** argv) {
    sheaf::app app("readings");
    app.bind(summarize, sheaf::map_with(read_measurements).accumulate_with<summary>().format_with(write_summary));
    return app.run(argc, argv, run);
}
// [/main]
