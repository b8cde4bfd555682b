// One program, three roles: driver, worker, or both on one machine.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/cluster.hpp>
#include <sheaf/detail/binding.hpp>
#include <sheaf/task.hpp>

namespace sheaf {

namespace detail {

template <fixed_string Name>
struct name_of_task {};

/// Lets the compiler see that two tasks of one name are bound in one file. Those in different files meet when the program
/// starts.
template <class Task>
struct bound_by_name {};
template <fixed_string Name, class Signature, class... Options>
struct bound_by_name<task<Name, Signature, Options...>> {
    // Never called: its second definition is the error, and its name says what to do.
    friend constexpr void two_tasks_of_this_name_are_bound_give_one_of_them_another(name_of_task<Name> /*name*/) {}
};

}  // namespace detail

/// How a task is served. Aggregate: name what differs from the defaults.
struct bind_options {
    /// How many of the task's handlers may run at once in a group of workers: those of one `sheaf worker`, say. 0: as many as
    /// there are slots. The first workers of the group offer the task, the others do not.
    std::size_t slots = 0;
};

/// A program's tasks and its main function.
///
///     int main(int argc, char** argv) {
///         sheaf::app app{"hello"};
///         app.bind(square, [](int x) { return long{x} * x; });
///         return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> arguments) {
///             std::cout << cluster.call(square(7)) << '\n';
///             return 0;
///         });
///     }
///
/// run() decides by the environment, never by argv, which role the process has:
/// - SHEAF_ROLE=worker (set by whoever starts workers): serves the bound tasks until told to stop. The driver does not run.
/// - SHEAF_SERVER=ADDRESS[,ADDRESS...]: runs the driver against those Gearman servers; workers are started elsewhere.
/// - SHEAF_SERVER=inproc: (with the colon): runs driver, server and SHEAF_WORKERS handlers in threads of this one process,
///   for a debugger; see inproc().
/// - none of these: runs the driver against a local cluster of its own: an embedded server on a Unix-domain socket and
///   SHEAF_WORKERS (default: one per core) child processes of this same executable, gone when this process goes.
/// Everything in main before run() happens in every worker too.
class app {
  public:
    using driver = std::function<int(cluster&, std::span<const std::string>)>;

    explicit app(std::string name);
    ~app();
    app(app&&) noexcept;
    app& operator=(app&&) noexcept;

    /// Offers `task`, served by `handler`: callable with the task's arguments, or with a context& before them.
    /// Throws std::logic_error when a task of that name is bound already; two different ones in one file do not compile.
    /// Of a handler that needs something there is little of (a GPU, a licence), `how` says how many may run at once:
    ///     app.bind(render, render_on_gpu, {.slots = 1});
    template <class Task, detail::implements<Task> Handler>
    app& bind(const Task& /*task*/, Handler handler, const bind_options& how = {}) {
        (void)sizeof(detail::bound_by_name<Task>);
        detail::binding made = detail::make_binding<Task>(std::move(handler));
        made.slots_max = how.slots;
        add(std::move(made));
        return *this;
    }
    /// For the compiler's message about a handler that does not fit.
    template <task_type Task, class Handler>
        requires(!detail::implements<Handler, Task>)
    app& bind(const Task& /*task*/, const Handler& /*handler*/) {
        detail::explain_handler<Task, Handler>();
        return *this;
    }
    /// Offers what `job` (a map_reduce, say) needs on workers; `how` are its steps.
    template <class Job, class... How>
        requires requires(const Job& job, How&&... how) { job.make_bindings(std::forward<How>(how)...); }
    app& bind(const Job& job, How&&... how) {
        for (detail::binding& one : job.make_bindings(std::forward<How>(how)...)) add(std::move(one));
        return *this;
    }
    /// Offers `function` as plain Gearman: bytes in, bytes out, no envelope; any Gearman client may call it.
    app& bind_raw(std::string function, std::function<std::string(std::string_view)> handler);

    /// Each handler slot of each worker has a T of its own, which context::state<T>() gives: what is expensive to make, and
    /// may not be used by two at once. It is made when a handler in the slot first asks for it, on the handler's thread, and
    /// destroyed when the worker ends. Throws std::logic_error when there is one for T already.
    ///     app.slot_state<database>([] { return database::connect("orders"); });
    template <class T, class Factory>
        requires std::is_invocable_r_v<T, Factory&>
    app& slot_state(Factory make) {
        add_slot_state(&detail::state_key<T>,
                       [make]() mutable -> std::shared_ptr<void> { return std::make_shared<T>(make()); });
        return *this;
    }
    /// As above, with T's default constructor.
    template <std::default_initializable T>
    app& slot_state() {
        add_slot_state(&detail::state_key<T>, [] { return std::make_shared<T>(); });
        return *this;
    }
    /// Runs `work` every `period` in each worker process, beside the handlers, on a thread of its own; first after one
    /// period. It ends when the worker is told to end. What it throws is printed, and it goes on.
    ///     app.every(5s, [] { metrics::push(); });
    app& every(std::chrono::milliseconds period, std::function<void()> work);
    /// Runs `hook` in each worker process before its first job. A worker whose hook throws does not start.
    ///     app.on_worker_start([] { cv::setNumThreads(1); });
    app& on_worker_start(std::function<void()> hook);
    /// Runs `hook` in each worker process that ends as it was told to, after its last job; the last one that was declared
    /// first. Not in one that crashes or is killed.
    app& on_worker_stop(std::function<void()> hook);

    /// Runs in the role that the environment says. Returns what main should return; `arguments` are argv[1] and on.
    /// Failures that the driver lets out are printed to standard error and give 1, as does output that cannot be written;
    /// Ctrl-C gives 130.
    int run(int argc, char** argv, const driver& main);

    /// A cluster in this process, for unit tests and debuggers: a job server on a private socket, and up to `workers` handlers
    /// of the tasks bound so far at the same time, in threads. Calls are encoded, checked and sent as they are between
    /// machines. No process is started: so a handler that crashes ends the program, a handler that does not stop when it is
    /// asked to keeps the cluster from ending, and a breakpoint lets time-outs run on. Throws runtime_failure when there is
    /// no place for the socket, std::logic_error when nothing is bound.
    ///
    ///     TEST(shop, adds_up_an_order) {
    ///         sheaf::app app{"shop"};
    ///         bind_tasks(app);                            // as main does
    ///         sheaf::cluster cluster = app.inproc();
    ///         EXPECT_EQ(cluster.call(total({3, 4})), 7);
    ///     }
    [[nodiscard]] cluster inproc(std::size_t workers = 2) const;

    /// Used by the kinds of binding: takes over `what`.
    void add(detail::binding what);

  private:
    void add_slot_state(const void* key, std::function<std::shared_ptr<void>()> make);

    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace sheaf
