// What driver and workers of a map/reduce run tell each other: the two kinds of unit, and what became of them. Not for users.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <cereal/types/string.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/vector.hpp>

namespace sheaf::detail {

/// A stretch of an input file. Begins at a line's start and ends at a line's end or where the next piece begins looking for one.
struct input_piece {
    std::string path;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;     ///< lines that begin in [offset, offset + length) belong to the piece, whole
    std::uint64_t file_size = 0;  ///< as the driver saw it: a file that has changed is an error

    template <class Archive>
    void serialize(Archive& archive) {
        archive(path, offset, length, file_size);
    }
};

/// Exact counts, added up over the attempts that won.
using counters = std::vector<std::pair<std::string, std::uint64_t>>;

/// One try at mapping some pieces into one segment file.
struct map_assignment {
    std::string run_directory;  ///< where segment files go; must be the same directory for driver and workers
    std::string run_nonce;      ///< what the file "nonce" in it holds: how a worker knows that it sees the same one
    std::uint32_t index = 0;    ///< of the split
    std::uint32_t attempt = 1;
    std::uint32_t partitions = 1;
    std::uint64_t memory_budget = 0;  ///< bytes that the attempt may hold before it spills
    std::vector<input_piece> pieces;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(run_directory, run_nonce, index, attempt, partitions, memory_budget, pieces);
    }
};

struct map_output {
    std::string file;  ///< the segment file's name within the run directory
    std::uint64_t input_bytes = 0;
    std::uint64_t records_out = 0;  ///< after combining
    std::uint64_t segment_bytes = 0;
    std::uint64_t spills = 0;
    detail::counters counters;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(file, input_bytes, records_out, segment_bytes, spills, counters);
    }
};

/// One try at reducing one partition into one output file.
struct reduce_assignment {
    std::string run_directory;
    std::string run_nonce;
    std::uint32_t partition = 0;
    std::uint32_t partitions = 1;
    std::uint32_t attempt = 1;
    std::uint64_t memory_budget = 0;
    std::vector<std::string> files;  ///< segment files, one per split, in split order
    std::string output_directory;    ///< the run's temporary output directory: the driver renames it when all is done

    template <class Archive>
    void serialize(Archive& archive) {
        archive(run_directory, run_nonce, partition, partitions, attempt, memory_budget, files, output_directory);
    }
};

struct reduce_output {
    std::string file;  ///< within the output directory, under the attempt's own name; the driver renames the winner
    std::uint64_t records_in = 0;
    std::uint64_t records_out = 0;  ///< keys
    std::uint64_t output_bytes = 0;
    std::uint64_t spills = 0;
    detail::counters counters;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(file, records_in, records_out, output_bytes, spills, counters);
    }
};

}  // namespace sheaf::detail
