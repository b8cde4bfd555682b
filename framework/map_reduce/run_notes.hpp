// What a run's journal says: the facts that a driver needs to go on where another one stopped.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <sheaf/detail/map_reduce_units.hpp>

namespace sheaf::detail {

/// Something that a run's results depend on. Runs that differ in it are not the same.
struct run_trait {
    std::string what;         ///< for a person: "side data"
    std::uint64_t value = 0;  ///< it, or its fingerprint

    template <class Archive>
    void serialize(Archive& archive) {
        archive(what, value);
    }
};

/// What is known of a run before its first attempt. The first note of every journal.
struct run_header {
    std::uint32_t version = 2;  ///< of the journal; other versions are not read
    std::string id;
    std::vector<run_trait> identity;
    std::string output;   ///< absolute
    std::string staging;  ///< where the output is gathered
    std::uint32_t partitions = 1;
    std::uint32_t partitions_per_unit = 1;
    std::uint32_t groups = 0;  ///< into which splits are merged before they are reduced; 0: they are not
    input_formats formats;
    std::vector<std::vector<input_piece>> splits;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(version, id, identity, output, staging, partitions, partitions_per_unit, groups, formats, splits);
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

/// The reduce unit's files are gone, or are not what they were: it is made again.
struct output_gone {
    std::uint32_t index = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(index);
    }
};

/// The unit of the merge stage has this output.
struct unit_merged {
    std::uint32_t index = 0;
    reduce_output output;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(index, output);
    }
};

/// The merge unit's output is gone.
struct merge_gone {
    std::uint32_t index = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(index);
    }
};

/// The order is that of the journal: append, never insert.
using run_note = std::variant<run_header, boundaries_chosen, unit_mapped, segment_gone, unit_divided, unit_reduced,
                              output_publishing, output_gone, unit_merged, merge_gone>;

}  // namespace sheaf::detail
