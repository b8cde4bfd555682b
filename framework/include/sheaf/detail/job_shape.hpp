// What a driver has to know of a job's steps: it has the job's name and types only, the steps are on the workers. Not for users.
#pragma once

#include <cstdint>
#include <string>

#include <cereal/types/string.hpp>

namespace sheaf::detail {

/// What a worker answers to NAME.describe.
struct job_shape {
    std::uint32_t inputs = 1;    ///< mappers, each with an input of its own
    bool map_only = false;       ///< the splits' outputs are the output; there is no partition
    bool by_range = false;       ///< keys are sampled first, for the partitions' boundaries
    bool two_tiers = false;      ///< what some splits gave is merged before it is reduced
    bool keeps_records = false;  ///< all that is emitted goes to the reducers: a partition is as large as its input
    std::string side_schema;     ///< of the side data; empty: the job takes none
    /// The type of the keys and values that it gives, which the run's output formats; empty: it writes text of its own.
    std::string pair_schema;
    bool pairs_have_text = true;  ///< they can be written as text

    template <class Archive>
    void serialize(Archive& archive) {
        archive(inputs, map_only, by_range, two_tiers, keeps_records, side_schema, pair_schema, pairs_have_text);
    }
};

/// Where workers find the run's side data.
struct side_reference {
    std::string file;  ///< in the run's directory; empty: none
    std::uint64_t size = 0;
    std::uint64_t checksum = 0;  ///< XXH3 of its bytes

    template <class Archive>
    void serialize(Archive& archive) {
        archive(file, size, checksum);
    }
};

}  // namespace sheaf::detail
