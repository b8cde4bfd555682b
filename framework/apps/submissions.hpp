// The jobs that `sheaf submit` has out, and what they answer, in the order in which they were submitted.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <sheaf/runtime/client.hpp>

namespace sheaf::apps {

/// Hears of the jobs on the client's thread, and never blocks it: what they answer waits here to be printed. Its other members
/// may be called from one thread that submits, and one that prints.
class submissions final : public runtime::job_listener {
  public:
    struct wishes {
        bool handles = false;  ///< they are printed: for background jobs, which have no results
        bool status = false;   ///< is said
        bool notices = true;   ///< what workers of typed tasks say on the side is printed as data
    };
    /// `say` is given what concerns a person: warnings, status, and why a job has failed. Any thread.
    submissions(wishes what, std::function<void(const std::string&)> say);

    // ---- Who submits.

    /// A place for one more job, as its tag. Waits until fewer than `most` are out. Nothing after stop().
    [[nodiscard]] std::optional<std::uint64_t> add(std::string function, std::size_t most);
    /// No more are added.
    void close();

    // ---- Who prints.

    struct piece {
        std::string function;
        std::string text;
        bool is_last = false;  ///< of its job
        bool has_failed = false;
    };
    /// Of the job that is the next to be printed. Waits for it; nothing when all has been taken, and none will come.
    [[nodiscard]] std::optional<piece> take();
    /// Nobody prints any more: add() gives no places from now on.
    void stop();

    /// What went wrong, if anything did; of several jobs, the first. Once take() has given nothing.
    [[nodiscard]] std::optional<error> failure();

    void on_created(std::uint64_t tag, std::string_view handle) override;
    void on_data(std::uint64_t tag, const shared_bytes& data) override;
    void on_warning(std::uint64_t tag, const shared_bytes& data) override;
    void on_status(std::uint64_t tag, std::uint64_t numerator, std::uint64_t denominator) override;
    void on_retry(std::uint64_t tag, std::uint32_t retry, const runtime::job_end& how) override;
    void on_end(std::uint64_t tag, runtime::job_end end) override;

  private:
    struct entry {
        std::string function;
        std::string handle;
        std::string text;  ///< not printed yet
        bool has_ended = false;
        bool has_failed = false;
    };

    entry& at(std::uint64_t tag) { return entries_[static_cast<std::size_t>(tag - first_)]; }
    std::string name_of(std::uint64_t tag);
    void fail(std::uint64_t tag, error why);

    wishes wanted_;
    std::function<void(const std::string&)> say_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<entry> entries_;  // this and the next four: guarded by mutex_
    std::uint64_t first_ = 0;    ///< the tag of the first entry
    bool closed_ = false;
    bool stopped_ = false;
    std::optional<error> failure_;
};

}  // namespace sheaf::apps
