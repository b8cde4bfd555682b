// What is kept of runs: detached pipelines, which the server carries on by itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/rows.hpp"

namespace sheaf::store {

/// A frame's number; from the same numbers as those of jobs.
using frame_number = std::uint64_t;

/// Runs have numbers as jobs have.
struct run_row {
    job_number id = 0;
    std::string name{};
    std::string function{};  ///< of its visits
    wall_time began{};
    std::chrono::seconds keep{0};  ///< how long what it ends with is kept
    std::uint8_t end = 0;          ///< how it ended, in the broker's numbers; 0: it goes on
    wall_time expires{};           ///< of one that has ended
    std::string why{};             ///< why it has failed, for people
    std::string taker{};           ///< who has taken what it ended with
};

/// Where parts of an item are to meet.
struct frame_row {
    frame_number id = 0;
    job_number run = 0;
    std::uint32_t gate = 0;
    std::uint8_t rule = 0;
    std::uint32_t parts = 0;  ///< that are to come
    frame_number whole = 0;   ///< the frame that it is itself a part of; 0: none
    std::uint32_t whole_slot = 0;
};

/// One that has come, or will never come: then it has no bytes.
struct part_row {
    frame_number frame = 0;
    std::uint32_t slot = 0;
    shared_bytes bytes{};
};

/// A job whose payload is `row`'s and, behind it, all parts of a frame in the order of their slots. The frame and its parts are
/// gone then.
struct gathered_row {
    job_row row;
    frame_number frame = 0;
    shared_bytes payload{};  ///< filled in by the engine
};

struct run_end_row {
    std::uint8_t end = 0;
    shared_bytes outcome{};
    wall_time expires{};
    std::string why{};
};

/// One step of a run: all of it happens, in this order, or nothing.
struct run_change {
    job_number run = 0;
    std::optional<run_row> begins{};     ///< such a change may be refused; others are made when there is room
    std::vector<job_number> ended{};     ///< jobs that are kept no more
    std::vector<frame_number> closed{};  ///< frames that are given up, with their parts
    std::vector<frame_row> frames{};     ///< new ones
    std::vector<part_row> parts{};       ///< those that are there already stay as they are
    std::vector<job_row> jobs{};         ///< new ones
    std::vector<gathered_row> gathered{};
    std::vector<std::uint32_t> done{};  ///< nodes of which a call is done, once for each
    std::optional<run_end_row> end{};
    bool forgets = false;  ///< nothing is kept of the run itself
};

/// A part without its bytes.
struct known_part {
    frame_number frame = 0;
    std::uint32_t slot = 0;
    std::uint64_t bytes = 0;
};
/// How many calls of a node are done.
struct tally_row {
    job_number run = 0;
    std::uint32_t node = 0;
    std::uint64_t done = 0;
};

/// All that is kept of runs, but for jobs and bytes.
struct kept_runs {
    std::vector<run_row> runs{};
    std::vector<frame_row> frames{};
    std::vector<known_part> parts{};
    std::vector<tally_row> tallies{};
};

/// What a run ended with, for one who takes it.
struct run_outcome {
    std::uint8_t end = 0;
    std::string taker{};     ///< who has taken it: whoever asked, or somebody else before
    shared_bytes outcome{};  ///< only for whoever has taken it
};

}  // namespace sheaf::store
