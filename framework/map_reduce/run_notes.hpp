// What a run's journal says: the facts that a driver needs to go on where another one stopped.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <sheaf/detail/map_reduce_units.hpp>

namespace sheaf::detail {

/// What is known of a run before its first attempt. The first note of every journal.
struct run_header {
    std::uint32_t version = 1;  ///< of the journal; other versions are not read
    std::string id;
    std::string job;
    std::uint64_t types = 0;  ///< fingerprint of what driver and workers tell each other
    std::uint64_t input =
        0;                ///< fingerprint of the input: files with their sizes and times, and what else it is made of
    std::string output;   ///< absolute
    std::string staging;  ///< where the output is gathered
    std::uint32_t partitions = 1;
    std::uint32_t partitions_per_unit = 1;
    std::uint32_t partitions_asked = 0;   ///< by the user; 0: none
    std::uint64_t split_bytes_asked = 0;  ///< as above
    input_formats formats;
    std::vector<std::vector<input_piece>> splits;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(version, id, job, types, input, output, staging, partitions, partitions_per_unit, partitions_asked,
                split_bytes_asked, formats, splits);
    }
};

/// The job is partitioned by ranges of keys, and these are their bounds.
struct boundaries_chosen {
    std::vector<std::string> boundaries;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(boundaries);
    }
};

/// The unit of the map stage has this output.
struct unit_mapped {
    std::uint32_t index = 0;
    map_output output;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(index, output);
    }
};

/// The map unit's output is gone.
struct segment_gone {
    std::uint32_t index = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(index);
    }
};

/// Instead of the map unit there are new ones, with these pieces; they come after all others.
struct unit_divided {
    std::uint32_t index = 0;
    std::vector<std::vector<input_piece>> parts;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(index, parts);
    }
};

/// The unit of the reduce stage has this output, and its files have their names.
struct unit_reduced {
    std::uint32_t index = 0;
    reduce_output output;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(index, output);
    }
};

/// The output is about to get its final name: it is the file or directory with this number.
struct output_publishing {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(device, inode);
    }
};

/// The order is that of the journal: append, never insert.
using run_note = std::variant<run_header, boundaries_chosen, unit_mapped, segment_gone, unit_divided, unit_reduced,
                              output_publishing>;

}  // namespace sheaf::detail
