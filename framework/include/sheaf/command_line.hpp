// For programs that read their arguments with CLI11: the frame of it, and the options that map/reduce programs share. Opt-in: needs the
// headers of CLI11 (Debian: libcli11-dev).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <sheaf/map_reduce_options.hpp>

namespace sheaf {

namespace detail {

/// Refuses what would be read as another number.
inline CLI::Validator unsigned_size() {
    return CLI::Validator(
        [](std::string& text) -> std::string {
            constexpr std::size_t digits_max = 19;
            if (text.starts_with('-')) return text + " is less than nothing";
            if (std::min(text.find_first_not_of("0123456789"), text.size()) > digits_max) return text + " is too much";
            return {};
        },
        "");
}

}  // namespace detail

/// Reads `arguments`, as app::run hands them to the driver. Nothing when the program shall go on; else the status to exit with: 0 after
/// --help, which has been printed, and 2 after a mistake, which has been explained.
///     CLI::App reader("Counts words.", "wordcount");
///     reader.add_option("--top", top, "How many to print.");
///     if (const auto status = sheaf::parse_arguments(reader, arguments)) return *status;
[[nodiscard]] inline std::optional<int> parse_arguments(CLI::App& reader, std::span<const std::string> arguments) {
    constexpr int exit_usage = 2;
    std::vector<std::string> last_first(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
    try {
        reader.parse(last_first);
    } catch (const CLI::ParseError& why) {
        return reader.exit(why, std::cout, std::cerr) == 0 ? 0 : exit_usage;
    }
    return std::nullopt;
}

/// Adds the options with which map/reduce runs are tuned, for `how`: --partitions, --memory, --split, --overwrite, --resume, --verify,
/// --bad-records, --attempts, --no-backups, --compress, --wait-for-space, --wait-for-servers. What `how` has when it is called is the default. Both must outlive the parsing.
inline void add_run_options(CLI::App& reader, map_reduce_options& how) {
    const auto bytes = [&](const char* name, std::uint64_t& to, const char* about) {
        reader.add_option(name, to, about)
            ->transform(CLI::AsSizeValue(false))
            ->transform(detail::unsigned_size())
            ->type_name("BYTES");
    };
    reader
        .add_option("--partitions", how.partitions,
                    "How many output files (default: as many as keep the workers busy).")
        ->check(CLI::Range(1U, 65536U))
        ->type_name("N");
    bytes("--memory", how.memory,
          "How much each worker may hold in memory; K, M and G are understood (default: an eighth of the machine's "
          "memory, 256M at most).");
    bytes("--split", how.split_bytes, "How much input an attempt reads (default: fits the workers, 64M at most).");
    reader.add_flag("--overwrite", how.overwrite, "Replace an older output, when the new one is complete.");
    reader.add_flag("--resume", how.resume, "Go on where a killed run with the same output stopped, if there is one.");
    reader.add_flag("--verify", how.verify, "Do everything twice, and fail when the results differ.");
    reader
        .add_option("--bad-records", how.bad_records,
                    "How many records may be left out for which the program fails (default: none).")
        ->transform(detail::unsigned_size())
        ->type_name("N");
    reader.add_option("--attempts", how.attempts_max, "How many attempts at a piece may fail before the run does.")
        ->check(CLI::Range(1U, 1'000'000U))
        ->capture_default_str()
        ->type_name("N");
    reader.add_flag_callback(
        "--no-backups", [&how] { how.backups = false; }, "Never try slow pieces a second time.");
    reader.add_flag("--compress", how.compress_spills, "Compress what goes from mappers to reducers, and to disk.");
    reader
        .add_option_function<unsigned>(
            "--wait-for-space", [&how](unsigned seconds) { how.wait_for_space = std::chrono::seconds(seconds); },
            "How long to go on when the disks are full (default: 10).")
        ->type_name("SECONDS");
    reader
        .add_option_function<unsigned>(
            "--wait-for-servers", [&how](unsigned seconds) { how.wait_for_servers = std::chrono::seconds(seconds); },
            "How long to go on when no job server can be reached (default: 60).")
        ->type_name("SECONDS");
}

}  // namespace sheaf
