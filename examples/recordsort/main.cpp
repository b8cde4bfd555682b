// Sorts records of 100 bytes by their first 10, as gensort makes them: more of them than memory has room for.
#include <cstdio>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

#include "validate.hpp"
#include <sheaf/app.hpp>
#include <sheaf/command_line.hpp>
#include <sheaf/inputs.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/run_report.hpp>

// [job]
inline constexpr sheaf::map_reduce<"recordsort", std::string, std::string> sort_records{};

void split_records(const sheaf::fixed_split& in, sheaf::emitter<std::string, std::string>& out) {
    for (const std::string_view record : in) out.emit(record.substr(0, key_bytes), record.substr(key_bytes));
}

void write_records(std::string_view key, auto& rests, std::string& out) {
    for (const std::string_view rest : rests) out.append(key).append(rest);
}
// [/job]

int print_validation(const std::string& path) {
    const validation seen = validate(path);
    std::printf("records=%llu out_of_order=%llu duplicates=%llu checksum=%016llx\n",
                static_cast<unsigned long long>(seen.records), static_cast<unsigned long long>(seen.out_of_order),
                static_cast<unsigned long long>(seen.duplicates), static_cast<unsigned long long>(seen.checksum));
    return seen.out_of_order == 0 ? 0 : 1;
}

int run(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    CLI::App reader("Sorts files of 100-byte records by their first 10 bytes.", "recordsort");
    sheaf::map_reduce_options how;
    std::string output;
    std::string to_validate;
    std::string report_directory;
    std::vector<std::string> inputs;
    reader.add_option("inputs", inputs, "Files of records, and directories of such files.")->type_name("FILE|DIR");
    reader.add_option("--output", output, "The file to make, with all records.")
        ->type_name("FILE")
        ->allow_extra_args(false);
    reader
        .add_option("--validate", to_validate,
                    "Do not sort: tell whether this file is sorted, and its records' checksum.")
        ->type_name("FILE");
    reader.add_option("--report", report_directory, "Also write a report of the run there.")->type_name("DIR");
    sheaf::add_run_options(reader, how);
    if (const auto status = sheaf::parse_arguments(reader, arguments)) return *status;
    if (!to_validate.empty()) return print_validation(to_validate);
    if (inputs.empty() || output.empty()) {
        std::cerr << "recordsort: what shall be sorted, and to where? --output FILE INPUT...; --help tells more\n";
        return 2;
    }
    // [run]
    how.input = sheaf::fixed_records(inputs, record_bytes);
    how.output = sheaf::single_file(output, {.record_bytes = record_bytes});
    const auto report = sort_records.run(cluster, how);
    // [/run]
    if (!report_directory.empty()) sheaf::write_report(report, report_directory);
    std::cerr << report;
    return 0;
}

// [main]
int main(int argc, char** argv) {
    sheaf::app app("recordsort");
    app.bind(sort_records, sheaf::map_with(split_records)
                               .partition_with(sheaf::by_range)
                               .reduce_with([](std::string_view key, auto& rests, std::string& out) {
                                   write_records(key, rests, out);
                               }));
    return app.run(argc, argv, run);
}
// [/main]
