// A history by jobs: what was said of each, when it was handed out, and which faults were when. What the invariants look at.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/history.hpp"

namespace sheaf::test {

/// Later than everything: of what has not happened.
inline constexpr std::chrono::nanoseconds never = std::chrono::nanoseconds::max();

/// When the worker asked for it, or was hit by it: from then on it could be under way.
[[nodiscard]] std::chrono::nanoseconds start_of(const event& one);

/// One time that a job was handed out.
struct execution {
    const event* begun = nullptr;
    std::chrono::nanoseconds done = never;
    std::chrono::nanoseconds ended = never;
    bool failed = false;
};

/// All that is known of one submission.
struct life {
    const event* submitted = nullptr;
    const event* acknowledged = nullptr;
    const event* refused = nullptr;
    bool is_queued = false;  ///< at the end
    std::vector<execution> executions;
};

/// Views into `all`, which must be in the order of time and live as long.
struct records {
    explicit records(const history& all);

    /// Whether the whole system or `who` was hit in the time between.
    [[nodiscard]] bool has_fault(const std::string& who, std::chrono::nanoseconds after,
                                 std::chrono::nanoseconds until) const;
    /// Whether anything was.
    [[nodiscard]] bool has_any_fault(std::chrono::nanoseconds after, std::chrono::nanoseconds until) const;

    const history& all;
    std::map<std::string, life> lives;
    std::map<std::string, std::vector<const life*>> by_handle;
    std::map<std::string, std::vector<const execution*>> executed;  ///< by the handle that the worker was given
    std::set<std::string> dead;                                     ///< handles
    std::vector<const event*> faults;                               ///< in the order of their ends

  private:
    std::vector<std::chrono::nanoseconds> begins_;  // of this fault or a later one, whichever began first
};

/// Knows when an end must be on the disk: when a submission was acknowledged that was sent after it. Those with a unique key do not
/// count: they may be a job that is there already.
class barriers {
  public:
    explicit barriers(const records& in);
    [[nodiscard]] std::chrono::nanoseconds after(std::chrono::nanoseconds end) const;

  private:
    std::vector<std::chrono::nanoseconds> sent_;
    std::vector<std::chrono::nanoseconds> acknowledged_;  // of this one or one sent later, whichever came first
};

}  // namespace sheaf::test
