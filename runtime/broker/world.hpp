// All that the broker believes. The files beside this one each decide one subject and change it.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker/absent_jobs.hpp"
#include "broker/connection_table.hpp"
#include "broker/core.hpp"
#include "broker/function_table.hpp"
#include "broker/handle.hpp"
#include "broker/job_table.hpp"
#include "broker/run_table.hpp"

namespace sheaf::broker {

/// Who asked a question, and which of its replies the answer is.
struct open_question {
    connection_id from;
    std::uint64_t hold = 0;
    job_id created{};       ///< when that was answered with JOB_CREATED before: of which job
    bool is_line = false;   ///< it was a line of the text protocol, and is answered by one
    std::size_t place = 0;  ///< in connection::questions
};

struct world {
    world(options settings, sink& receiver)
        : how(std::move(settings)),
          effects(receiver),
          jobs(how.hash_seed),
          next_job(how.first_job.value()),
          keys_of_absent(how.hash_seed) {}

    options how;
    sink& effects;

    connection_table connections;
    function_table functions;
    job_table jobs;
    run_table runs;
    slab<ability> abilities;
    slab<attachment> attachments;

    job_id::number_type next_job;
    std::size_t jobs_running = 0;
    bool draining = false;
    bool ending = false;              ///< all connections are being closed, by the server
    bool background_is_held = false;  ///< no background job is handed out, since the store is behind

    /// Connections that were woken and have not grabbed yet, in the order in which patience with them ends.
    slot_list woken_connections;
    /// Running jobs with a time-out, and scheduled jobs, by when it is their turn.
    std::set<std::pair<steady_time, job_id>> deadlines;
    std::set<std::pair<wall_time, job_id>> schedule;

    /// What peers asked and the owner has not answered yet.
    std::unordered_map<service_ticket, open_question> questions;
    service_ticket next_question = 1;
    /// Jobs that ended before the store had answered for them, and the questions of who still waits for that.
    std::unordered_map<job_id::number_type, std::vector<service_ticket>> ended_unstored;

    absent_jobs absent;
    absent_keys keys_of_absent;
    /// Absent jobs that wait for their time, as a heap with the earliest in front, with those that have ended meanwhile.
    std::deque<std::pair<wall_time, job_id>> absent_schedule;
    /// What the store was asked for, and for which line.
    std::unordered_map<load_ticket, std::pair<slot, protocol::priority>> loads;
    load_ticket next_load = 1;
    /// When the store is asked again that could not answer.
    std::optional<steady_time> load_again;
    /// Functions of which jobs have become runnable in the middle of something else.
    std::vector<slot> to_wake;

    instant last{};      ///< the time of the last event
    job_record scratch;  ///< for persist(): keeps its strings' memory from job to job

    [[nodiscard]] handle_text handle_of(const job& j) const noexcept { return {how.handle_prefix, j.id}; }
    /// The job with `handle`, or no_slot.
    [[nodiscard]] slot find_handle(std::string_view handle) const noexcept {
        const auto id = parse_handle(how.handle_prefix, handle);
        return id ? jobs.find(*id) : no_slot;
    }

    // Where the members of each kind of list keep their links.
    [[nodiscard]] auto links_in_function() {
        return [this](slot j) -> links& { return std::get<queued>(jobs[j].phase).in_function; };
    }
    [[nodiscard]] auto links_in_worker() {
        return [this](slot j) -> links& { return std::get<running>(jobs[j].phase).in_worker; };
    }
    [[nodiscard]] auto links_in_job() {
        return [this](slot a) -> links& { return attachments[a].in_job; };
    }
    [[nodiscard]] auto links_in_connection() {
        return [this](slot a) -> links& { return attachments[a].in_connection; };
    }
    [[nodiscard]] auto links_in_sleepers() {
        return [this](slot a) -> links& { return abilities[a].in_sleepers; };
    }
    [[nodiscard]] auto links_in_woken() {
        return [this](slot c) -> links& { return std::get<woken>(connections[connection_id{c}].sleep).in_woken; };
    }
};

}  // namespace sheaf::broker
