#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/gearmand_queue.hpp"
#include "apps/import_batch.hpp"
#include "apps/import_marks.hpp"
#include "apps/import_report.hpp"
#include "apps/job_address.hpp"
#include "apps/sheaf_commands.hpp"
#include "background/job_report.hpp"
#include "base/printable.hpp"

namespace sheaf::apps {
namespace {

constexpr const char* self = import_name;

// How much is submitted between two notes of what has been taken.
constexpr std::size_t batch_jobs_max = 1000;
constexpr std::size_t batch_bytes_max = std::size_t{16} << 20;

// What a packet has besides the payload and the names: two separators, and the time and the words of sheaf.enqueue.
constexpr std::size_t separators = 2;
constexpr std::size_t words_for_later = 64;

// The protocol's own packet for a time has no room for a priority; a job with terms, though it states none, has.
runtime::job_request request(const gearmand_job& job, std::chrono::milliseconds timeout) {
    runtime::job_request made;
    made.unique = job.unique;
    made.priority = job.priority;
    made.background = true;
    made.deadline = std::chrono::steady_clock::now() + timeout;
    made.function = job.function;
    made.payload = shared_bytes(job.payload);
    if (!is_for_later(job)) return made;
    made.run_at = run_at(job);
    if (job.priority != runtime::job_priority::normal) made.terms.emplace();
    return made;
}

std::size_t packet_bytes(const gearmand_job& job) {
    return job.function.size() + job.unique.size() + job.payload.size() + separators +
           (is_for_later(job) ? words_for_later : 0);
}

bool has_key(const gearmand_job& job) { return !job.unique.empty() && job.unique != "-"; }

// With its name and its time.
basic_result<detail::queue_name> ask_queue(runtime::client& client, std::chrono::milliseconds timeout) {
    const auto said = ask_server_if_there(client, "sheaf.queue", "about", timeout);
    if (!said) return said.error();
    auto queue = detail::read_queue_name(*said);
    if (queue && (queue->name.empty() || !queue->now)) {
        return error{errc::not_supported, "this sheafd is too old to be imported to"};
    }
    return queue;
}

/// Brings all rows that are not marked to the server, batch by batch. A batch is marked as sent before it goes, and as taken when
/// the server has said so.
class import {
    using mark = import_marks::mark;

  public:
    import(const queue_import_command& what, runtime::client& client, const detail::queue_name& queue) :what_(what),
        client_(client), packet_bytes_max_(queue.packet_bytes_max), rows_(what.file, what.table),
        marks_(what.file, what.table, queue.name) {
        if (what.again) marks_.forget_all();
    }

    int run() {
        std::int64_t last = 0;
        while (!fault_) {
            auto job = rows_.next();
            marks_.forget_between(last, job ? job->row : std::numeric_limits<std::int64_t>::max());
            if (!job) break;
            last = job->row;
            consider(*std::move(job));
        }
        send();
        return tell();
    }

  private:
    void consider(gearmand_job job) {
        if (!job.fault.empty()) return exceptions_.senseless(job);
        const row_name name = row_name::of(job);
        const import_marks::note noted = marks_.of(name);
        const bool was_sent = noted.how == mark::sent;
        if (noted.how == mark::taken || (was_sent && is_there(job, noted.before))) {
            if (was_sent) marks_.set({&name, 1}, {.how = mark::taken, .before = noted.before});
            ++before_;
            return;
        }
        if (fault_) return;
        if (exceptions_.is_full(job.function)) return exceptions_.full(job, {});
        const std::size_t bytes = packet_bytes(job);
        if (bytes > packet_bytes_max_) {
            return exceptions_.refused(job, "its payload of " + std::to_string(job.payload.size()) +
                                                " bytes is above what the server takes; see sheafd --payload-max");
        }
        add(std::move(job), name, bytes);
    }

    // Of one without a key nothing would tell whether it is there; so at most one of these is under way.
    void add(gearmand_job job, const row_name& name, std::size_t bytes) {
        const bool alone = job.unique.empty();
        if (alone) send();
        if (fault_) return;
        jobs_.push_back(std::move(job));
        names_.push_back(name);
        bytes_ += bytes;
        if (alone || jobs_.size() == batch_jobs_max || bytes_ >= batch_bytes_max) send();
    }

    // Whether a job that was sent after `before` has come there. One that cannot be told by its key has not; and what
    // ended earlier was another job of the same key.
    bool is_there(const gearmand_job& job, std::chrono::system_clock::time_point before) {
        if (!has_key(job)) return false;
        const auto said = ask_server_if_there(client_, "sheaf.job", "unique " + job.unique, what_.timeout);
        if (!said) fault_ = said.error();
        const auto status = said ? detail::read_status(*said) : basic_result<background_status>(said.error());
        if (!status || status->function != job.function) return false;
        switch (status->state) {
            case background_state::unknown: return false;
            case background_state::completed:
            case background_state::failed: return status->ended && *status->ended > before;
            default: return true;
        }
    }

    void send() {
        if (jobs_.empty() || fault_) return;
        const auto now = servers_time();
        if (!now) {
            fault_ = now.error();
            return;
        }
        marks_.set(names_, {.how = mark::sent, .before = *now});
        const auto batch = std::make_shared<import_batch>(jobs_.size());
        for (std::size_t i = 0; i < jobs_.size() && batch->enter(what_.parallel); ++i) {
            client_.submit(request(jobs_[i], what_.timeout), batch, i);
        }
        note(batch->settle(), *now);
        fault_ = batch->fault();
        jobs_.clear();
        names_.clear();
        bytes_ = 0;
    }

    // What is marked with it is compared with the ends of keyed jobs alone: for others the server need not be asked.
    basic_result<std::chrono::system_clock::time_point> servers_time() {
        if (std::ranges::none_of(jobs_, has_key)) return std::chrono::system_clock::time_point();
        const auto queue = ask_queue(client_, what_.timeout);
        if (!queue) return queue.error();
        return *queue->now;
    }

    // Those of which nothing was heard stay as they are marked.
    void note(const std::vector<import_batch::outcome>& outcomes, std::chrono::system_clock::time_point before) {
        std::vector<row_name> taken;
        std::vector<row_name> not_there;
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            switch (outcomes[i].how) {
                case import_batch::end::taken: taken.push_back(names_[i]); continue;
                case import_batch::end::unsure: continue;
                case import_batch::end::not_sent: break;
                case import_batch::end::refused: exceptions_.refused(jobs_[i], outcomes[i].why.message); break;
                case import_batch::end::full: exceptions_.full(jobs_[i], outcomes[i].why.message); break;
            }
            not_there.push_back(names_[i]);
        }
        marks_.set(taken, {.how = mark::taken, .before = before});
        marks_.set(not_there, {});
        taken_ += taken.size();
    }

    int tell() {
        std::printf("%zu %s at %s now", taken_, taken_ == 1 ? "job is" : "jobs are",
                    printable(to_string(client_.servers().front())).c_str());
        std::printf(before_ == 0 ? "\n" : "; %zu had been brought there before\n", before_);
        if (const std::size_t out = exceptions_.left_out(); out != 0) {
            std::fprintf(stderr, "%s: %zu %s left out; the same command tries these again, and no others\n", self, out,
                         out == 1 ? "row was" : "rows were");
        }
        if (fault_) {
            return report(self, {fault_->code, fault_->message + "\nThe others are still to be imported; the same "
                                                                 "command goes on where this one has ended"});
        }
        return exceptions_.left_out() == 0 ? exit_ok : exit_failed;
    }

    const queue_import_command& what_;
    runtime::client& client_;
    std::uint64_t packet_bytes_max_;
    gearmand_queue rows_;  ///< before the marks, which are made if need be: of what can be read alone
    import_marks marks_;
    import_exceptions exceptions_;
    std::vector<gearmand_job> jobs_;  ///< the batch
    std::vector<row_name> names_;     ///< of its jobs
    std::size_t bytes_ = 0;           ///< of its jobs
    std::size_t taken_ = 0;
    std::size_t before_ = 0;
    std::optional<error> fault_;  ///< why it is of no use to go on
};

// The server's queue is known by its name, whatever address leads to it.
basic_result<detail::queue_name> queue_of(runtime::client& client, std::chrono::milliseconds timeout) {
    const auto sheaf = client.server_is_sheaf(timeout);
    if (!sheaf) return sheaf.error();
    if (!*sheaf) {
        return error{errc::not_supported,
                     to_string(client.servers().front()) + " is no sheafd; jobs are imported from gearmand to that"};
    }
    return ask_queue(client, timeout);
}

// Jobs that gearmand kept, whatever happened, may get to somebody who does not.
void warn(const detail::queue_name& queue, const endpoint& server) {
    const std::string where = printable(to_string(server));
    if (queue.durability == "none") {
        std::fprintf(stderr, "%s: %s keeps its jobs in memory: they are lost when it ends\n", self, where.c_str());
    } else if (queue.durability == "relaxed") {
        std::fprintf(stderr, "%s: %s writes its jobs a moment later: a crash loses those of that moment\n", self,
                     where.c_str());
    }
}

int import_to(const queue_import_command& what, const endpoint& server) {
    runtime::client_options how = asking({server}, what.timeout);
    how.message_bytes_max = std::numeric_limits<std::uint32_t>::max();  // the server's limit counts
    runtime::client client(std::move(how));
    const auto queue = queue_of(client, what.timeout);
    if (!queue) return report(self, queue.error());
    warn(*queue, server);
    return import(what, client, *queue).run();
}

int describe(const queue_import_command& what) {
    gearmand_queue jobs(what.file, what.table);
    import_summary all;
    import_exceptions left_out;
    while (const auto job = jobs.next()) {
        if (job->fault.empty()) {
            all.add(*job);
        } else {
            left_out.senseless(*job);
        }
    }
    all.print();
    return left_out.left_out() == 0 ? exit_ok : exit_failed;
}

}  // namespace

int run_queue_import(const queue_import_command& what) {
    if (what.dry_run) return describe(what);
    const auto where = find_target(what.where);
    if (!where) return report(self, where.error());
    const auto servers = servers_to_ask(*where);
    if (servers.size() == 1) return import_to(what, servers.front());
    return report(self, {errc::invalid_argument, "jobs are imported to one server; name it with --server"});
}

}  // namespace sheaf::apps
