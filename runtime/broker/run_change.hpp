// What the broker wants kept of a step of a run: all of it at once, or nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/types.hpp"
#include "protocol/run_orders.hpp"

namespace sheaf::broker {

/// How a run stands. The numbers are kept: append, never renumber.
enum class run_state : std::uint8_t {
    going = 0,
    value = 1,      ///< ended with what the plan gives
    failure = 2,    ///< with a failure report of a worker's
    nothing = 3,    ///< without an outcome: the item was dropped
    cancelled = 4,  ///< somebody did so
    broken = 5,     ///< the server cannot carry it on; the outcome is a sentence that says why
};

/// What is kept of a run itself.
struct run_record {
    job_id id{};
    std::string name{};
    std::string function{};  ///< under which workers walk its plan
    wall_time began{};
    std::chrono::seconds keep{0};
    run_state state = run_state::going;
    wall_time expires{};  ///< of one that has ended
    std::string why{};    ///< why it has failed, for people
    std::string taker{};  ///< who has taken its outcome
};

struct frame_record {
    job_id id{};
    job_id run{};
    std::uint32_t gate = 0;
    protocol::frame_rule rule = protocol::frame_rule::leave_out;
    std::uint32_t parts = 0;
    job_id whole{};  ///< the frame that it is a part of; 0: none
    std::uint32_t whole_slot = 0;
};

struct part_record {
    job_id frame{};
    std::uint32_t slot = 0;
    shared_bytes bytes{};  ///< as they will be in the payload of the visit; empty: the part will never come
};

/// A job whose payload is to be made of the frame's parts, behind the one in the record.
struct gathered_record {
    job_record job{};
    job_id frame{};
};

struct run_outcome_record {
    run_state state = run_state::broken;
    shared_bytes outcome{};
    wall_time expires{};
    std::string why{};
};

struct run_change {
    job_id run{};
    std::optional<run_record> begins{};
    std::vector<job_id> ended{};   ///< jobs
    std::vector<job_id> closed{};  ///< frames that are given up
    std::vector<frame_record> frames{};
    std::vector<part_record> parts{};
    std::vector<job_record> jobs{};
    std::vector<gathered_record> gathered{};
    std::vector<std::uint32_t> done{};  ///< nodes of which a call is done
    std::optional<run_outcome_record> end{};
    bool forgets = false;
};

/// What comes back of a frame after a restart.
struct settled_part {
    std::uint32_t slot = 0;
    std::uint64_t bytes = 0;
};
struct restored_frame {
    frame_record frame{};
    std::vector<settled_part> parts{};
};
struct restored_run {
    run_record run{};
    std::vector<restored_frame> frames{};
    std::vector<std::pair<std::uint32_t, std::uint64_t>> done{};  ///< node, calls
};

}  // namespace sheaf::broker
