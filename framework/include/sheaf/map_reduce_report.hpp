// What a map/reduce run did, in numbers.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include <sheaf/dataset.hpp>

namespace sheaf {

/// The parts of a run, one after the other: keys are sampled, if the job is partitioned by ranges of them; then the splits of
/// the input are mapped; then what they gave is merged in groups, if the job reduces in two tiers; then the partitions of the keys
/// are reduced.
enum class run_stage : std::uint8_t { sample, map, merge, reduce };

/// One try at one unit of a run, as its driver saw it.
struct attempt_record {
    enum class end : std::uint8_t {
        won,        ///< its output counts
        second,     ///< another attempt at the unit had been faster
        failed,     ///< or its worker was lost; `why` says more
        given_up,   ///< nobody needed it any more
        verified,   ///< the second attempt of a run with `verify`: it gave the same
        lost_again  ///< it had won, and its segment was lost later
    };
    run_stage stage = run_stage::map;
    std::uint32_t index = 0;             ///< of the unit
    std::uint32_t number = 1;            ///< of the attempt at it
    std::string worker;                  ///< "host/pid"; empty when it is not known
    std::chrono::microseconds began{0};  ///< since the run's start; the worker's time, counted back from the end
    std::chrono::microseconds ended{0};
    end outcome = end::won;
    std::string why;          ///< of one that failed
    std::uint64_t bytes = 0;  ///< of input
    std::uint64_t records = 0;
    std::uint64_t spills = 0;
    std::uint32_t partition = 0;   ///< of one that reduces: the first of those that it takes
    std::uint32_t partitions = 0;  ///< ... and how many these are
};

/// A key that many records have.
struct frequent_key {
    std::string key;     ///< as text; of a class, its bytes in hexadecimal
    double share = 0;    ///< of the records that the mappers emitted, as far as a sample tells
    bool folded = true;  ///< by a combiner or an accumulator, where it was emitted; else one reducer got all of them
};

/// What a run has left out: a record of its input, or a group of its output. See map_reduce_options::bad_records.
struct left_out_record {
    std::string place;         ///< a file, or "key 'Oslo'"
    std::uint64_t offset = 0;  ///< of a record: in that file, in bytes, as it is when unpacked
    std::uint64_t length = 0;
    std::string reason;  ///< what was thrown, or said of workers that died
};

/// The result of a run. Counts are exact: they come from the attempts whose output counts, each once, whatever was retried.
struct map_reduce_report {
    std::string output;              ///< the output directory or file, absolute; empty of outputs without a name
    std::vector<std::string> files;  ///< in it, sorted: one for each partition. Of a single file its name
    sheaf::dataset dataset;          ///< with `.output = sheaf::kept()`: the input of a next run

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

    std::uint64_t bad_records = 0;            ///< left out of the input, and groups left out of the output
    std::string bad_records_file;             ///< where they are; empty when there are none, or no file was named
    std::vector<left_out_record> left_out;    ///< the first hundred of them, whether there is a file or not
    std::uint64_t units_resumed = 0;          ///< that an earlier driver had finished; see map_reduce_options::resume
    std::uint64_t units_verified = 0;         ///< made twice with the same result
    std::vector<attempt_record> attempt_log;  ///< in the order of their ends

    std::chrono::milliseconds map_time{0};
    std::chrono::milliseconds reduce_time{0};
    std::chrono::milliseconds wall_time{0};

    std::vector<std::pair<std::string, std::uint64_t>> counters;  ///< the job's own, by name

    std::vector<frequent_key>
        frequent_keys;  ///< that a tenth of the emitted records had, or more; the most frequent first

    std::vector<std::string> notes;  ///< what was odd and made the run slower, in sentences: lines without end, say
};

/// Several lines for a person, with what was odd (see findings()) at the end.
std::ostream& operator<<(std::ostream& out, const map_reduce_report& report);

}  // namespace sheaf
