// What the broker knows of runs, and of the frames in which parts of their items meet.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "broker/run_change.hpp"

namespace sheaf::broker {

struct run_frame {
    job_id run{};
    std::uint32_t gate = 0;
    protocol::frame_rule rule = protocol::frame_rule::leave_out;
    std::vector<bool> settled{};  ///< of each part: it is there, or will never come
    std::uint32_t missing = 0;
    std::uint64_t bytes = 0;  ///< of the parts that are there
    job_id whole{};
    std::uint32_t whole_slot = 0;
};

/// Somebody who waits for the end of a run.
struct run_taker {
    service_ticket question = 0;
    std::string name{};
};

struct run {
    run_record about{};
    bool is_stored = false;      ///< that it has begun
    bool end_is_stored = false;  ///< and that it has ended
    std::unordered_set<job_id::number_type> jobs{};
    std::set<job_id::number_type> frames{};
    std::map<std::uint32_t, std::uint64_t> done{};  ///< calls, by node
    std::vector<service_ticket> starters{};         ///< who want to hear that it is stored
    std::vector<run_taker> takers{};
};

struct run_table {
    std::unordered_map<job_id::number_type, run> runs;
    std::unordered_map<std::string, job_id::number_type> by_name;
    std::unordered_map<job_id::number_type, run_frame> frames;
    /// Those of which the store has the end, by when nothing of them is kept any more.
    std::set<std::pair<wall_time, job_id::number_type>> ended;

    [[nodiscard]] run* find(job_id id) noexcept {
        const auto found = runs.find(id.value());
        return found == runs.end() ? nullptr : &found->second;
    }
    [[nodiscard]] run* find(std::string_view name) noexcept {
        const auto found = by_name.find(std::string(name));
        return found == by_name.end() ? nullptr : &runs.at(found->second);
    }
};

}  // namespace sheaf::broker
