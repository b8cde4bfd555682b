// Where calls go: workers behind one or more Gearman servers.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/call_options.hpp>
#include <sheaf/detail/call_engine.hpp>
#include <sheaf/detail/typed_call.hpp>
#include <sheaf/failure.hpp>
#include <sheaf/future.hpp>
#include <sheaf/scatter.hpp>
#include <sheaf/server_status.hpp>
#include <sheaf/stream_run.hpp>
#include <sheaf/task.hpp>

namespace sheaf {

template <class R>
class background;
struct background_options;
struct background_support;

/// Calls tasks on workers. Movable; calls may be made on any thread.
class cluster {
  public:
    /// `lifetime` is kept for as long as this or a scatter of it lives; `workers` are the handler slots in it, if known.
    /// `stop` fires when the program should end.
    cluster(std::shared_ptr<detail::call_engine> engine, std::shared_ptr<void> lifetime, std::size_t workers,
            std::stop_token stop = {});

    /// Servers are "host:port" or "unix:/path", separated by commas. Connects when the first call is made; throws
    /// connection_error when the list makes no sense.
    [[nodiscard]] static cluster connect(std::string_view servers);

    /// Makes one call and waits for it. Throws the exceptions that the task declares, else those of failure.hpp.
    ///     const stats s = cluster.call(file_stats("/etc/hosts"), {.deadline = 5s});
    template <task_type Task>
    typename Task::result_type call(const call_of<Task>& what, const call_options& how = {}) {
        return detail::value_or_throw<Task>(try_call(what, how));
    }
    /// As call(), with failures as values.
    template <task_type Task>
    [[nodiscard]] result<typename Task::result_type> try_call(const call_of<Task>& what, const call_options& how = {}) {
        return detail::read_result<Task>(engine_->run(detail::prepare_call<Task>(what.arguments, how), how));
    }
    /// Makes one call and does not wait for it. A future that is dropped leaves the call running.
    ///     sheaf::future<stats> later = cluster.submit(file_stats("/etc/hosts"));
    template <task_type Task>
    future<typename Task::result_type> submit(const call_of<Task>& what, const call_options& how) {
        return {detail::pending_call::submit(engine_, detail::prepare_call<Task>(what.arguments, how), how),
                detail::reader_of<Task>};
    }
    /// A function of its own, not a default argument: g++ 12 destroys a {} that stands within co_await in the wrong place.
    template <task_type Task>
    future<typename Task::result_type> submit(const call_of<Task>& what) {
        const call_options usual;
        return submit(what, usual);
    }

    /// Makes one call of a task that returns stream<T>: a range of T, each of which comes as soon as the handler has written
    /// it. When more than `buffer_bytes` wait to be read, the call ends with errc::too_large. Tried again, where `how` says so,
    /// only before its first chunk.
    ///     for (int n : cluster.stream(count(10))) std::cout << n << '\n';
    template <task_type Task>
    [[nodiscard]] stream_run<Task> stream(const call_of<Task>& what, const call_options& how = {},
                                          std::size_t buffer_bytes = stream_buffer_bytes) {
        auto call = detail::prepare_call<Task>(what.arguments, how);
        call.stream = true;
        return stream_run<Task>(detail::chunk_inbox::submit(engine_, call, how, buffer_bytes));
    }

    /// Makes a call in the background: a server keeps it until a worker has done it. Waits until the server has it. Throws
    /// not_supported when the server cannot do what `how` asks for, and connection_error when none took it, as far as is known.
    /// This and the next four need <sheaf/background.hpp>, which says more.
    ///     sheaf::background<thumbnail> job = cluster.enqueue(resize(path), {.delay = 10min, .retry = sheaf::retry{5}});
    template <task_type Task>
    background<typename Task::result_type> enqueue(const call_of<Task>& what, const background_options& how);
    template <task_type Task>
    background<typename Task::result_type> enqueue(const call_of<Task>& what);
    /// As enqueue(), with failures as values.
    template <task_type Task>
    [[nodiscard]] result<background<typename Task::result_type>> try_enqueue(const call_of<Task>& what,
                                                                             const background_options& how);
    /// The background job that was once given this id, by whatever process. Throws schema_mismatch when it is one of another
    /// task, or the task had other types then, and call_error when the text is no id. Asks no server.
    ///     sheaf::background<thumbnail> job = cluster.attach(resize, id);
    template <task_type Task>
    [[nodiscard]] background<typename Task::result_type> attach(const Task& task, std::string_view id);
    /// What the servers promise for background jobs, one after the other.
    [[nodiscard]] std::vector<sheaf::background_support> background_support(
        std::chrono::milliseconds deadline = std::chrono::seconds(5));

    /// Starts one call for each element of `range`, some at a time. Elements are the task's argument or, when it takes
    /// several, tuples of them. An lvalue `range` must outlive the run.
    template <task_type Task, class Range>
    [[nodiscard]] scatter_run<Task, Range> scatter(const Task& /*task*/, Range&& range, scatter_options how = {}) {
        if (!how.call.stop.stop_possible()) how.call.stop = stop_;
        return {engine_, lifetime_, std::forward<Range>(range), how, workers_};
    }
    /// As that, for a range of calls of one task:
    ///     cluster.scatter(shards | std::views::transform([&](int shard) { return search(query, shard); }))
    template <detail::range_of_calls Range>
    [[nodiscard]] auto scatter(Range&& range, scatter_options how = {}) {
        return scatter(detail::task_of_calls<Range>{}, std::forward<Range>(range), std::move(how));
    }
    /// The results of scatter(), in the order of `range`. Throws the first failure to arrive.
    template <task_type Task, class Range>
    [[nodiscard]] std::vector<typename Task::result_type> map(const Task& task, Range&& range,
                                                              scatter_options how = {}) {
        return detail::results_in_order(scatter(task, std::forward<Range>(range), std::move(how)));
    }

    /// Sends one item through a pipeline (pipeline.hpp), and waits for what comes out of it. Throws what the task that failed
    /// declares, else the classes of failure.hpp.
    template <class Plan>
    typename Plan::output_type run(const Plan& plan, typename Plan::input_type item, typename Plan::options how = {}) {
        return plan.run(*this, std::move(item), std::move(how));
    }
    /// Starts to send all items of `range` through a pipeline; gives a sheaf::pipeline_run. An lvalue `range` must outlive it.
    template <class Plan, class Range>
    [[nodiscard]] auto start(const Plan& plan, Range&& range, typename Plan::options how = {}) {
        return plan.start(*this, std::forward<Range>(range), std::move(how));
    }

    /// Has the server carry one item through a pipeline by itself, whoever leaves meanwhile; gives a sheaf::detached_run, whose
    /// id finds it again. Returns when the server has the run, as durably as it keeps jobs. Workers must offer the plan, by
    /// app.bind(plan), as well as its tasks. Throws not_supported for plans that cannot be detached, and for servers
    /// other than sheafd.
    template <class Plan>
    [[nodiscard]] auto detach(const Plan& plan, const typename Plan::input_type& item,
                              const typename Plan::detach_options& how = {}) {
        return plan.detach(*this, item, how);
    }
    /// The run of `plan` that is called `id`, begun by whatever program. Asks nobody yet.
    template <class Plan>
        requires(!task_type<Plan>)
    [[nodiscard]] auto attach(const Plan& plan, std::string id) {
        return plan.attach(*this, std::move(id));
    }

    /// Handler slots that were started together with this; 0 when that is not known.
    [[nodiscard]] std::size_t workers() const noexcept { return workers_; }

    /// What each server has queued and running, and who offers it. Asks all of them at once, and waits `deadline` at most.
    [[nodiscard]] std::vector<server_report> server_status(
        std::chrono::milliseconds deadline = std::chrono::seconds(5));

    /// Fires when the program should end: in an app's driver, at the first Ctrl-C.
    [[nodiscard]] std::stop_token stop_token() const noexcept { return stop_; }

    /// What calls are made with. Not for users.
    [[nodiscard]] detail::call_engine& engine() noexcept { return *engine_; }
    [[nodiscard]] const std::shared_ptr<detail::call_engine>& shared_engine() const noexcept { return engine_; }

  private:
    std::shared_ptr<void> lifetime_;
    std::shared_ptr<detail::call_engine> engine_;
    std::size_t workers_;
    std::stop_token stop_;
};

}  // namespace sheaf
