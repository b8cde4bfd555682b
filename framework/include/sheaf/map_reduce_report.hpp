// What a map/reduce run did, in numbers.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace sheaf {

/// The result of a run. Counts are exact: they come from the attempts whose output counts, each once, whatever was retried.
struct map_reduce_report {
    std::string output;              ///< the output directory, absolute
    std::vector<std::string> files;  ///< in it, sorted: one for each partition

    std::uint64_t input_files = 0;
    std::uint64_t input_bytes = 0;
    std::uint64_t input_skipped = 0;  ///< met in directories, but not files: FIFOs, devices, sockets, dangling links

    std::uint64_t splits = 0;
    std::uint64_t records = 0;         ///< that left the map stage, after combining
    std::uint64_t keys = 0;            ///< that left the reduce stage
    std::uint64_t shuffled_bytes = 0;  ///< of map output, as written for the reduce stage
    std::uint64_t output_bytes = 0;
    std::uint64_t spills = 0;  ///< times that an attempt had to write to disk before its end

    std::uint64_t attempts = 0;  ///< at splits and partitions, all told
    std::uint64_t retries = 0;   ///< attempts after one that failed
    std::uint64_t backups = 0;   ///< attempts beside one that was slow
    std::uint64_t workers_lost = 0;
    std::uint64_t segments_lost = 0;  ///< map outputs that had to be made again

    std::chrono::milliseconds map_time{0};
    std::chrono::milliseconds reduce_time{0};
    std::chrono::milliseconds wall_time{0};

    std::vector<std::pair<std::string, std::uint64_t>> counters;  ///< the job's own, by name
};

/// Several lines for a person.
std::ostream& operator<<(std::ostream& out, const map_reduce_report& report);

}  // namespace sheaf
