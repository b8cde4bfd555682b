// What driver and workers of a map/reduce run tell each other: the two kinds of unit, and what became of them. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <cereal/types/string.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/vector.hpp>

#include <sheaf/detail/input_piece.hpp>
#include <sheaf/detail/job_shape.hpp>
#include <sheaf/detail/output_format.hpp>

namespace sheaf::detail {

/// A record that was left out: the mapper threw for it, or killed its workers. Of a reduce attempt: a group.
struct bad_record {
    std::string place{};       ///< for a person: "/data/log.csv", or "key 'Oslo'"
    std::uint64_t offset = 0;  ///< in that file, in bytes
    std::uint64_t length = 0;
    std::string reason{};  ///< one sentence: what was thrown
    std::string bytes{};   ///< the record itself, as far as bad_record_bytes_max

    template <class Archive>
    void serialize(Archive& archive) {
        archive(place, offset, length, reason, bytes);
    }
};
inline constexpr std::size_t bad_record_bytes_max = 64U << 10;

/// Who made an attempt, and how long it took. The handlers' frame fills it in, around whatever the attempt does.
struct attempt_facts {
    std::string worker{};           ///< "host/pid"
    std::uint64_t nanoseconds = 0;  ///< by the worker's steady clock

    template <class Archive>
    void serialize(Archive& archive) {
        archive(worker, nanoseconds);
    }
};

/// How the attempts of a run reach what is not on their host. See framework/fetch.
struct run_access {
    std::string run{};     ///< the run's id
    std::string secret{};  ///< what opens its files on whatever host
    std::string driver{};  ///< the address of the run at its driver's exchange server; empty while nobody has needed it

    template <class Archive>
    void serialize(Archive& archive) {
        archive(run, secret, driver);
    }
};

/// Exact counts, added up over the attempts that won.
using counters = std::vector<std::pair<std::string, std::uint64_t>>;

/// One try at mapping some pieces into one segment file.
struct map_assignment {
    std::string run_directory{};  ///< where segment files go; must be the same directory for driver and workers
    std::string run_nonce{};      ///< what the file "nonce" in it holds: how a worker knows that it sees the same one
    std::uint32_t index = 0;      ///< of the split
    std::uint32_t attempt = 1;
    std::uint32_t partitions = 1;
    std::uint64_t memory_budget = 0;  ///< bytes that the attempt may hold before it spills
    bool compress = false;            ///< whether what it writes for reducers is compressed
    std::vector<input_piece> pieces{};
    /// Of a job that is partitioned by ranges of keys: partition p has the keys with p of these at or below them.
    std::vector<std::string> boundaries{};
    /// Record by record: what a record emits is held until the mapper returns, and a record for which it throws is left out
    /// and listed in map_output::bad, of which there may be bad_records_max; the next one fails the attempt.
    bool careful = false;
    std::uint64_t bad_records_max = 0;
    /// Not empty: the mapper is not called at all. All records of the pieces are bad, for this reason.
    std::string skip_reason{};
    input_formats formats{};  ///< how the pieces are read
    side_reference side{};
    std::string output_directory{};  ///< of a map-only job: where its output goes, as reduce_assignment has it
    output_format format{};          ///< of a map-only job
    run_access access{};
    /// Not empty: the worker ("host/pid") that is to hand the attempt back, since it has made the one with which this one is compared.
    std::string not_by{};

    template <class Archive>
    void serialize(Archive& archive) {
        archive(run_directory, run_nonce, index, attempt, partitions, memory_budget, compress, pieces, boundaries,
                careful, bad_records_max, skip_reason, formats, side, output_directory, format, access, not_by);
    }
};

struct map_output {
    std::string file{};  ///< the segment file's name within the run directory
    std::uint64_t input_bytes = 0;
    std::uint64_t records_out = 0;  ///< after combining
    std::uint64_t segment_bytes = 0;
    std::uint64_t spills = 0;
    detail::counters counters{};
    std::vector<bad_record> bad{};
    /// Of what the segment file holds: two attempts at one unit have the same, if the job's functions are deterministic.
    std::uint64_t checksum = 0;
    attempt_facts facts{};
    std::vector<std::string> notes{};  ///< what is odd about the input, in sentences
    std::string
        location;  ///< the address of the run on the host that has the file; empty: it is in the run's directory
    bool wants_driver = false;         ///< nothing was done: the attempt needs access.driver
    std::uint64_t keys_looked_at = 0;  ///< records whose keys were looked at, a sample of all
    std::vector<std::pair<std::string, std::uint64_t>>
        frequent_keys{};  ///< for a person, with how many of these had them

    template <class Archive>
    void serialize(Archive& archive) {
        archive(file, input_bytes, records_out, segment_bytes, spills, counters, bad, checksum, facts, notes, location,
                wants_driver, keys_looked_at, frequent_keys);
    }
};

/// One try at reducing one partition into one output file.
struct reduce_assignment {
    std::string run_directory{};
    std::string run_nonce{};
    std::uint32_t partition = 0;
    std::uint32_t partitions = 1;
    std::uint32_t attempt = 1;
    std::uint64_t memory_budget = 0;
    bool compress = false;  ///< whether what it spills is compressed
    std::vector<std::string>
        files;  ///< segment files, one per split, in split order: names, or addresses on other hosts
    std::string output_directory{};  ///< the run's temporary output directory: the driver renames it when all is done
    /// The attempt reduces so many partitions, `partition` and those after it, each into a file of its own.
    std::uint32_t partition_count = 1;
    /// A group for which the reducer throws is left out, as a record is of a careful map attempt.
    bool careful = false;
    std::uint64_t bad_records_max = 0;
    side_reference side{};
    output_format format{};  ///< how keys and values are written
    run_access access{};
    /// Of a job with two reduce tiers: nothing is output, but what the files have for all partitions is merged into one segment file
    /// in the run's directory.
    bool merge = false;
    /// Not empty: workers have died of earlier attempts, and this was said of the last one. The attempt notes which group it is at, so
    /// that those that come after it know which one to leave out.
    std::string died_of{};
    std::string not_by{};  ///< as map_assignment has it

    template <class Archive>
    void serialize(Archive& archive) {
        archive(run_directory, run_nonce, partition, partitions, attempt, memory_budget, compress, files,
                output_directory, partition_count, careful, bad_records_max, side, format, access, merge, died_of,
                not_by);
    }
};

struct reduce_output {
    /// Within the output directory, under the attempt's own name; the driver renames the winner. Empty: see ranges.
    std::string file{};
    std::uint64_t records_in = 0;
    std::uint64_t records_out = 0;  ///< keys
    std::uint64_t output_bytes = 0;
    std::uint64_t spills = 0;
    detail::counters counters{};
    std::vector<bad_record> bad{};
    std::uint64_t checksum = 0;  ///< of the output's content
    attempt_facts facts{};
    std::vector<std::string> more_files{};  ///< of the partitions after the first, of attempts at several
    std::string location{};                 ///< as map_output has them: the driver fetches the files
    bool wants_driver = false;
    /// Of the partitions whose files have no names, in their order: where in the output directory's common file they are.
    std::vector<file_range> ranges{};

    template <class Archive>
    void serialize(Archive& archive) {
        archive(file, records_in, records_out, output_bytes, spills, counters, bad, checksum, facts, more_files,
                location, wants_driver, ranges);
    }
};

/// One try at drawing keys from a part of the input, of a job that is partitioned by ranges of keys: the mapper runs over the
/// beginning of the pieces until it has emitted keys_max keys, or up to bytes_max of the input.
struct sample_assignment {
    std::string run_directory{};
    std::string run_nonce{};
    std::uint32_t index = 0;
    std::uint32_t attempt = 1;
    std::uint32_t keys_max = 0;
    std::uint64_t bytes_max = 0;
    std::vector<input_piece> pieces{};
    input_formats formats{};  ///< how the pieces are read
    run_access access{};
    side_reference side{};
    bool careful = false;  ///< record by record: those for which the mapper throws have no keys

    template <class Archive>
    void serialize(Archive& archive) {
        archive(run_directory, run_nonce, index, attempt, keys_max, bytes_max, pieces, formats, access, side, careful);
    }
};

struct sample_output {
    std::vector<std::string> keys{};  ///< encoded, in any order, each as often as it was emitted
    attempt_facts facts{};
    bool wants_driver = false;  ///< as map_output has it

    template <class Archive>
    void serialize(Archive& archive) {
        archive(keys, facts, wants_driver);
    }
};

}  // namespace sheaf::detail
