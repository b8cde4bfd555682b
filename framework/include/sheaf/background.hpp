// Background jobs: calls that a server keeps until a worker has done them, whatever becomes of who made them. Include it
// where they are made.
//
//     sheaf::background<thumbnail> job = cluster.enqueue(resize(path), {.retry = sheaf::retry{5}.backoff(1s)});
//     save(job.id());                                                     // a text
//
//     auto same = cluster.attach(resize, saved);                          // in another process, tomorrow
//     std::cout << same.status().why << '\n';                             // behind 12 others
//     thumbnail small = same.get();                                       // waits; throws what the task declares
//
// With sheafd --data-dir DIR a job is on the server's disk when enqueue() returns, and runs at least once whatever crashes; its
// result is kept for a day, or as long as `keep` says. Stock gearmand takes background jobs without terms (delay, retry, keep)
// and says whether they wait or run: whatever else is asked of it is refused with errc::not_supported, never left out.
// cluster::background_support() says what a server promises.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <sheaf/background_status.hpp>
#include <sheaf/call_options.hpp>
#include <sheaf/cluster.hpp>
#include <sheaf/detail/background_job.hpp>
#include <sheaf/future.hpp>
#include <sheaf/retry.hpp>
#include <sheaf/task.hpp>

namespace sheaf {

/// Aggregate: name what differs from the defaults. The terms (delay, at, retry, keep) need Sheaf's own server.
struct background_options {
    /// It is not run before that much time has passed.
    std::chrono::milliseconds delay{0};
    /// It is not run before that time of day, by the server's clock.
    std::optional<std::chrono::system_clock::time_point> at{};
    /// How often it is tried, and after what pauses: by the server, so also when this program has gone. After any failure of the
    /// handler or its worker: on<>() and never<>() are refused. The server spreads the pauses by a fifth, and jitter() adds
    /// nothing. Then it is a dead letter. Nothing: as the server is told with --background-retries; once, if it is not.
    std::optional<sheaf::retry> retry{};
    /// How long its result is kept after it has ended; 0: it is not. Nothing: as the server has it (a day).
    std::optional<std::chrono::seconds> keep{};
    /// One attempt, from when the handler begins. The worker enforces it. 0: as long as it takes.
    std::chrono::milliseconds attempt_timeout{0};
    sheaf::priority priority = sheaf::priority::normal;
    /// Jobs of one task with the same key at one server are one while they have not ended: all of them get the same id. Of several
    /// servers the key chooses one; while that is away, the job goes to another, and is then a second one.
    unique_key unique{};
    /// How long to wait for the acknowledgement.
    std::chrono::milliseconds deadline = std::chrono::seconds(30);
};

/// One background job of a task with the result R. Copyable; any thread. Members that ask the server throw the classes of
/// failure.hpp when it does not answer within their deadline.
template <class R>
class background {
  public:
    using value_type = R;

    /// How long a question to the server may take.
    static constexpr std::chrono::milliseconds question_time = std::chrono::seconds(5);

    /// None.
    background() = default;
    /// Made by cluster::enqueue() and attach().
    background(detail::background_job::pointer job, const detail::result_reader<R>& reader) noexcept
        : job_(std::move(job)), reader_(&reader) {}

    [[nodiscard]] bool valid() const noexcept { return job_ != nullptr; }

    /// Its name, for cluster::attach() and for `sheaf job`: printable, without blanks, at most 800 bytes; usually some 60.
    ///     img.resize/5be1d9c2a0f34e77/H:ant:1717986918400007/jobs:4730
    [[nodiscard]] const std::string& id() const noexcept { return job_->id(); }

    /// How far it is, and why it waits.
    [[nodiscard]] background_status status(std::chrono::milliseconds deadline = question_time) const {
        auto said = job_->status(deadline);
        if (!said) throw_failure(std::move(said).error());
        return *std::move(said);
    }

    /// Its result: waits for it. Throws what the task declares when the last attempt has thrown that, else the classes of
    /// failure.hpp, with the number of attempts in why().attempt: timeout when it has not ended by the deadline (it goes on),
    /// cancelled, or result_gone when the server knows no such job, or its result, any more.
    R get(std::chrono::milliseconds deadline = std::chrono::hours(1)) const { return fetch(deadline).get(); }
    /// As get(), with failures as values.
    [[nodiscard]] sheaf::result<R> result(std::chrono::milliseconds deadline = std::chrono::hours(1)) const {
        return fetch(deadline).result();
    }
    /// Does not wait for the job: nothing while it has not ended.
    [[nodiscard]] std::optional<sheaf::result<R>> try_get(std::chrono::milliseconds deadline = question_time) const {
        const auto said = job_->status(deadline);
        if (!said) return sheaf::result<R>(said.error());
        if (!said->has_ended() && said->state != background_state::unknown) return std::nullopt;
        return result(deadline);
    }
    /// Its result as a future, for then(), co_await and when_all(). Cancelling that future stops the waiting, not the job.
    [[nodiscard]] future<R> fetch(std::chrono::milliseconds deadline = std::chrono::hours(1)) const {
        return {job_->fetch(deadline), *reader_};
    }

    /// Ends it for good: it is taken from the queue; when it runs, its handler is told to stop, and nobody hears what
    /// comes of it. Returns what it was: completed, failed and unknown mean that there was nothing to cancel.
    background_state cancel(std::chrono::milliseconds deadline = question_time) const {
        const auto was = job_->cancel(deadline);
        if (!was) throw_failure(was.error());
        return *was;
    }
    /// Queues a dead letter again, under the same id, with all its attempts before it. Throws call_error when it is none.
    void retry(std::chrono::milliseconds deadline = question_time) const {
        const auto done = job_->retry(deadline);
        if (!done) throw_failure(done.error());
    }

  private:
    detail::background_job::pointer job_;
    const detail::result_reader<R>* reader_ = nullptr;
};

namespace detail {

template <class Task>
background<typename Task::result_type> typed_background(background_job::pointer job) {
    return {std::move(job), reader_of<Task>};
}

template <class Task>
constexpr void check_background() {
    static_assert(
        !is_stream<typename Task::result_type>,
        "sheaf: a task whose result is a stream cannot run in the background: its chunks are kept by nobody.");
}

}  // namespace detail

template <task_type Task>
result<background<typename Task::result_type>> cluster::try_enqueue(const call_of<Task>& what,
                                                                    const background_options& how) {
    detail::check_background<Task>();
    auto job = detail::background_job::enqueue(engine_, detail::make_raw_call<Task>(what.arguments), how);
    if (!job) return std::move(job).error();
    return detail::typed_background<Task>(*std::move(job));
}

template <task_type Task>
background<typename Task::result_type> cluster::enqueue(const call_of<Task>& what, const background_options& how) {
    auto job = try_enqueue(what, how);
    if (!job) throw_failure(std::move(job).error());
    return *std::move(job);
}
template <task_type Task>
background<typename Task::result_type> cluster::enqueue(const call_of<Task>& what) {
    const background_options usual;
    return enqueue(what, usual);
}

template <task_type Task>
background<typename Task::result_type> cluster::attach(const Task& /*task*/, std::string_view id) {
    detail::check_background<Task>();
    auto job = detail::background_job::attach(engine_, detail::make_call_frame<Task>(), id);
    if (!job) throw_failure(std::move(job).error());
    return detail::typed_background<Task>(*std::move(job));
}

}  // namespace sheaf
