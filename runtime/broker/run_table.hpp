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

/// What is directly in a run or in one of its frames. What is in it is not what is in the frames in it.
struct run_members {
    std::unordered_set<job_id::number_type> jobs{};
    std::unordered_set<job_id::number_type> frames{};
};

struct run_frame {
    job_id run{};
    std::uint32_t gate = 0;
    protocol::frame_rule rule = protocol::frame_rule::leave_out;
    std::vector<bool> settled{};  ///< of each part: it is there, or will never come
    std::uint32_t missing = 0;
    std::uint64_t bytes = 0;  ///< of the parts that are there
    job_id whole{};
    std::uint32_t whole_slot = 0;
    run_members inside{};
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
    run_members inside{};
    std::map<std::uint32_t, std::uint64_t> done{};  ///< calls, by node
    std::vector<service_ticket> starters{};         ///< who want to hear that it is stored
    std::vector<run_taker> takers{};
    std::size_t takers_checked = 0;  ///< how many were still there when that was looked at last
};

struct run_table {
    std::unordered_map<job_id::number_type, run> runs;
    std::unordered_map<std::string, job_id::number_type> by_name;
    std::unordered_map<job_id::number_type, run_frame> frames;
    /// Those of which the store has the end, by when nothing of them is kept any more.
    std::set<std::pair<wall_time, job_id::number_type>> ended;

    /// Where the jobs and frames are listed that are directly in `frame` or, when that is 0, in the run; null: it is gone.
    [[nodiscard]] run_members* members_of(run& of, job_id frame) noexcept {
        if (frame.value() == 0) return &of.inside;
        const auto found = frames.find(frame.value());
        return found == frames.end() ? nullptr : &found->second.inside;
    }
    /// Gives `visit` the number of each job of a run.
    template <class Visit>
    void for_each_job(const run& of, Visit&& visit) const {
        std::vector<const run_members*> open{&of.inside};
        while (!open.empty()) {
            const run_members& here = *open.back();
            open.pop_back();
            for (const auto job : here.jobs) visit(job_id{job});
            for (const auto frame : here.frames) open.push_back(&frames.at(frame).inside);
        }
    }
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
