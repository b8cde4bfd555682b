#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "apps/gearmand_queue.hpp"
#include "apps/import_progress.hpp"
#include "apps/import_window.hpp"
#include "apps/sheaf_commands.hpp"
#include "base/printable.hpp"

namespace sheaf::apps {
namespace {

constexpr const char* self = "sheaf queue import";

// How many jobs are submitted between two notes of how far it has come.
constexpr std::size_t noted_every = 1000;

std::chrono::system_clock::time_point time_of(const gearmand_job& job) {
    return std::chrono::system_clock::time_point(std::chrono::seconds(job.run_at_s));
}

bool is_for_later(const gearmand_job& job) { return time_of(job) > std::chrono::system_clock::now(); }

// The protocol's own packet for a time has no room for a priority; Sheaf's function for submissions has.
runtime::job_request request(gearmand_job job, std::chrono::milliseconds timeout) {
    runtime::job_request made;
    made.unique = std::move(job.unique);
    made.priority = job.priority;
    made.background = true;
    made.deadline = std::chrono::steady_clock::now() + timeout;
    if (is_for_later(job) && job.priority != runtime::job_priority::normal) {
        made.function = "sheaf.enqueue";
        made.payload = shared_bytes("function " + job.function + "\nat " + std::to_string(job.run_at_s * 1000) +
                                    "\n\n" + job.payload);
        return made;
    }
    made.function = std::move(job.function);
    made.payload = shared_bytes(job.payload);
    if (is_for_later(job)) made.run_at = time_of(job);
    return made;
}

/// What there is, for people.
class import_summary {
  public:
    void add(const gearmand_job& job) {
        counts& here = functions_[job.function];
        ++here.jobs;
        here.high += job.priority == runtime::job_priority::high ? 1 : 0;
        here.low += job.priority == runtime::job_priority::low ? 1 : 0;
        here.later += is_for_later(job) ? 1 : 0;
        here.without_key += job.unique.empty() ? 1 : 0;
        here.bytes += job.payload.size();
    }
    void print() const {
        std::puts("function\tjobs\thigh\tlow\tfor later\twithout key\tbytes");
        for (const auto& [name, of] : functions_) {
            std::printf("%s\t%zu\t%zu\t%zu\t%zu\t%zu\t%zu\n", printable(name).c_str(), of.jobs, of.high, of.low,
                        of.later, of.without_key, of.bytes);
        }
    }

  private:
    struct counts {
        std::size_t jobs = 0;
        std::size_t high = 0;
        std::size_t low = 0;
        std::size_t later = 0;
        std::size_t without_key = 0;
        std::size_t bytes = 0;
    };
    std::map<std::string, counts> functions_;
};

void say_senseless(const gearmand_job& job) {
    std::fprintf(stderr, "%s: row %lld makes no sense: %s\n", self, static_cast<long long>(job.row), job.fault.c_str());
}

class import {
  public:
    import(const queue_import_command& what, const endpoint& server) :what_(what), server_(to_string(server)),
        progress_(what.file, server_) {
        if (what.again) progress_.note(0);
        last_ = progress_.row();
        runtime::client_options how;
        how.servers = {server};
        how.connect_timeout = what.timeout;
        client_.emplace(std::move(how));
    }

    int run() {
        const auto sheaf = client_->server_is_sheaf(what_.timeout);
        if (!sheaf) return report(self, sheaf.error());
        if (!*sheaf) {
            return report(self,
                          {errc::not_supported, server_ + " is no sheafd; jobs are imported from gearmand to that"});
        }
        gearmand_queue jobs(what_.file, what_.table, last_);
        while (const auto job = jobs.next()) {
            if (!take(*job)) break;
            last_ = job->row;
        }
        static_cast<void>(window_->settle());
        note();
        return tell();
    }

  private:
    // False when it is of no use to go on.
    bool take(const gearmand_job& job) {
        if (!job.fault.empty()) {
            say_senseless(job);
            ++senseless_;
            return true;
        }
        if (job.unique.empty()) return take_alone(job);
        if (++since_note_ == noted_every) note();
        return submit(job);
    }

    // A job without a key: nothing would tell it from another one when it was sent again.
    bool take_alone(const gearmand_job& job) {
        if (!window_->settle()) return false;
        note();
        if (!submit(job) || !window_->settle()) return false;
        progress_.note(job.row);
        return true;
    }

    bool submit(const gearmand_job& job) {
        if (!window_->enter(job.row, what_.parallel)) return false;
        client_->submit(request(job, what_.timeout), window_, static_cast<std::uint64_t>(job.row));
        return true;
    }

    void note() {
        progress_.note(window_->taken_up_to(last_));
        since_note_ = 0;
    }

    int tell() {
        std::printf("%zu jobs are at %s now\n", window_->taken(), printable(server_).c_str());
        if (const auto why = window_->failure()) {
            return report(self,
                          {why->code, why->message + "\nThe others are still to be imported; the same command goes "
                                                     "on where this one has ended"});
        }
        if (senseless_ == 0) return exit_ok;
        std::fprintf(stderr, "%s: %zu rows make no sense, and were left out\n", self, senseless_);
        return exit_failed;
    }

    const queue_import_command& what_;
    std::string server_;
    import_progress progress_;
    std::shared_ptr<import_window> window_ = std::make_shared<import_window>();
    std::optional<runtime::client> client_;
    std::int64_t last_ = 0;  ///< the last row that was submitted or left out
    std::size_t since_note_ = 0;
    std::size_t senseless_ = 0;
};

int describe(const queue_import_command& what) {
    gearmand_queue jobs(what.file, what.table, 0);
    import_summary all;
    while (const auto job = jobs.next()) {
        if (job->fault.empty()) {
            all.add(*job);
        } else {
            say_senseless(*job);
        }
    }
    all.print();
    return exit_ok;
}

}  // namespace

int run_queue_import(const queue_import_command& what) {
    if (what.dry_run) return describe(what);
    const auto where = find_target(what.where);
    if (!where) return report(self, where.error());
    const auto servers = servers_to_ask(*where);
    if (servers.size() == 1) return import(what, servers.front()).run();
    return report(self, {errc::invalid_argument, "jobs are imported to one server; name it with --server"});
}

}  // namespace sheaf::apps
