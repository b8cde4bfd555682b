// An engine in a directory of its own, and its answers as they come.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/sqlite_store.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::store::test {

/// Collects answers, from whatever thread.
class answers {
  public:
    [[nodiscard]] listener collector() {
        return {.outcomes =
                    [this](std::span<const outcome> all) {
                        const std::lock_guard held(mutex_);
                        for (const outcome& one : all) said_.insert_or_assign(one.id, one.result);
                        arrived_.notify_all();
                    },
                .reply =
                    [this](ticket name, reply what) {
                        const std::lock_guard held(mutex_);
                        replies_.insert_or_assign(name, std::move(what));
                        arrived_.notify_all();
                    }};
    }
    /// What was said of `job`, when it has been.
    [[nodiscard]] std::optional<basic_result<void>> of(job_number job) {
        std::unique_lock held(mutex_);
        if (!arrived_.wait_for(held, std::chrono::seconds(60), [&] { return said_.contains(job); }))
            return std::nullopt;
        return said_.at(job);
    }

    /// What `in` replies to `what`.
    [[nodiscard]] reply ask(store& in, question what) { return reply_to(begin_ask(in, std::move(what))); }
    [[nodiscard]] ticket begin_ask(store& in, question what) {
        const ticket name = ++asked_;
        in.ask(name, std::move(what));
        in.commit();
        return name;
    }
    [[nodiscard]] reply reply_to(ticket name) {
        std::unique_lock held(mutex_);
        const bool came = arrived_.wait_for(held, std::chrono::seconds(60), [&] { return replies_.contains(name); });
        return came ? replies_.at(name) : reply{error{errc::timeout, "no reply came"}};
    }

    [[nodiscard]] bool has_reply_to(ticket name) {
        const std::lock_guard held(mutex_);
        return replies_.contains(name);
    }

  private:
    ticket asked_ = 0;
    std::map<ticket, reply> replies_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::map<job_number, basic_result<void>> said_;
};

inline job_row row(job_number id, std::string payload = "payload") {
    return {.id = id,
            .function = "resize",
            .unique = "",
            .reducer = "",
            .priority = 1,
            .run_at = {},
            .terms = "",
            .payload = shared_bytes(payload)};
}

inline void persist(store& in, const job_row& one) {
    in.persist({.id = one.id,
                .function = one.function,
                .unique = one.unique,
                .reducer = one.reducer,
                .priority = one.priority,
                .run_at = one.run_at,
                .attempts = one.attempts,
                .losses = one.losses,
                .terms = one.terms,
                .payload = one.payload});
}

}  // namespace sheaf::store::test
