// One program, three roles: driver, worker, or both on one machine.
#pragma once

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
    /// Throws std::logic_error when a task of that name is bound already.
    template <class Task, detail::implements<Task> Handler>
    app& bind(const Task& /*task*/, Handler handler) {
        add(detail::make_binding<Task>(std::move(handler)));
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
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace sheaf
