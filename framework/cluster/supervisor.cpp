#include "cluster/supervisor.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include "base/assert.hpp"
#include "cluster/end_account.hpp"
#include "cluster/lifeline.hpp"
#include "cluster/output_relay.hpp"
#include "cluster/role.hpp"
#include "cluster/slot_board.hpp"
#include "cluster/worker_environment.hpp"
#include "cluster/worker_posts.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::detail {
namespace {

using clock = std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) {
    throw runtime_failure({errc::io_error, std::string(what) + ": " + std::generic_category().message(errno)});
}

// Who starts us may have left SIGCHLD ignored. Then the kernel throws away how children end, which is what we are for.
void listen_for_children() {
    struct sigaction now {};
    if (::sigaction(SIGCHLD, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) ::signal(SIGCHLD, SIG_DFL);
}

// How long whoever reads our standard error may keep us from telling what became of a process.
constexpr std::chrono::milliseconds output_patience{100};

// Between the word to stop at once and the end, at most.
constexpr std::chrono::milliseconds last_words{1000};

/// When those who still run are told to stop, and when they are killed.
struct end_times {
    clock::time_point hurry_at;
    clock::time_point kill_at;
};

}  // namespace

// All but the constructor, resize(), stop() and running() happens on `thread_`.
class supervisor::shepherd {
  public:
    explicit shepherd(supervisor_options how)
        : how_(std::move(how)),
          posts_(posts_for(how_)),
          board_(slot_board::create(posts_.size(), how_.slots)),
          wanted_(how_.processes) {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) fail("no socket for the workers");
        lifeline_ = unique_fd(ends[0]);
        lifeline_of_workers_ = unique_fd(ends[1]);
        wake_ = unique_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!wake_) fail("no eventfd for the supervisor");
        inherited_ = environment_for_workers();
        listen_for_children();
        thread_ = std::thread([this] { run(); });
    }
    ~shepherd() {
        stop(std::chrono::milliseconds(0));
        thread_.join();
    }
    shepherd(const shepherd&) = delete;
    shepherd& operator=(const shepherd&) = delete;

    void resize(std::size_t processes) {
        SHEAF_ASSERT(processes > 0 && processes <= common_processes_max(how_),
                     "a supervisor has room for its processes");
        const std::lock_guard lock(mutex_);
        resize_to_ = processes;
        ::eventfd_write(wake_.get(), 1);
    }

    void stop(std::chrono::milliseconds grace) {
        std::unique_lock lock(mutex_);
        const auto hurry_at = clock::now() + grace;
        if (!end_ || hurry_at < end_->hurry_at) end_ = end_times{hurry_at, hurry_at + std::min(grace, last_words)};
        ::eventfd_write(wake_.get(), 1);
        all_gone_.wait(lock, [this] { return done_; });
    }

    [[nodiscard]] std::size_t running() const noexcept { return running_.load(std::memory_order_relaxed); }

  private:
    void run() {
        while (!finished()) {
            const auto end = requested_end();
            if (end && !terminated_) terminate_all(end->hurry_at - clock::now());
            if (end && clock::now() >= end->hurry_at) hurry_all();
            if (end && clock::now() >= end->kill_at) kill_all();
            if (!end && !failed_) follow_resize();
            if (!end && !failed_) start_due();
            announce_ready();
            wait_for_events(next_deadline(end));
            read_reports();
            reap_all();
            end_the_overdue();
            if (!requested_end()) give_up_on_those_who_never_begin();
        }
        output_.flush(output_patience);
        const std::lock_guard lock(mutex_);
        done_ = true;
        all_gone_.notify_all();
    }

    [[nodiscard]] bool finished() {
        return requested_end() && std::ranges::none_of(posts_, [](const post& one) { return one.child.has_value(); });
    }

    [[nodiscard]] std::optional<end_times> requested_end() {
        const std::lock_guard lock(mutex_);
        return end_;
    }

    // What is not to be waited for as long as workers go on anyway is left to them.
    void terminate_all(clock::duration grace) {
        terminated_ = true;
        for (const post& one : posts_) {
            if (one.child) send(one, one.ready && grace > drain_grace ? drain_signal : SIGTERM);
        }
    }

    // A worker that is told to stop at once stops what it runs, and can say to the servers that it leaves.
    void hurry_all() {
        if (std::exchange(hurried_, true)) return;
        for (const post& one : posts_) {
            if (one.child) send(one, stop_signal);
        }
    }

    void kill_all() {
        for (post& one : posts_) {
            if (one.child) kill(one);
        }
    }

    static void kill(post& one) {
        one.killed = true;
        send(one, SIGKILL);
    }

    // Who has not said that it is a worker may be anything, such as a script that waits for another program.
    static void send(const post& one, int signal) {
        if (one.reached) return one.child->send_signal(signal);
        one.child->send_signal_to_group(signal);
    }

    void follow_resize() {
        {
            const std::lock_guard lock(mutex_);
            if (!resize_to_) return;
            wanted_ = *std::exchange(resize_to_, std::nullopt);
        }
        announced_ = false;
        for (std::size_t i = 0; i < posts_.size(); ++i) {
            if (is_wanted(i) || !posts_[i].child || std::exchange(posts_[i].retiring, true)) continue;
            send(posts_[i], SIGTERM);
        }
    }

    void start_due() {
        const auto now = clock::now();
        for (std::size_t i = 0; i < posts_.size(); ++i) {
            if (is_wanted(i) && !posts_[i].child && posts_[i].start_at <= now) start(i);
        }
    }

    [[nodiscard]] bool is_wanted(std::size_t post) const {
        return post < wanted_ || post >= common_processes_max(how_);
    }

    void start(std::size_t index) {
        child_command command{.program = how_.program,
                              .arguments = how_.arguments,
                              .environment = inherited_,
                              .descriptors = {{board_.descriptor(), board_descriptor},
                                              {lifeline_of_workers_.get(), lifeline_descriptor}}};
        const supervision under{.first_slot = index * how_.slots, .slots = how_.slots, .supervisor = ::getpid()};
        for (std::string& entry : worker_variables(how_.servers, under))
            command.environment.push_back(std::move(entry));
        for (const std::string& entry : how_.variables) command.environment.push_back(entry);
        set_worker_place(command.environment, posts_[index].index, wanted_ + dedicated_processes_of(how_),
                         posts_[index].only);
        posts_[index].begin(clock::now());
        try {
            const unique_fd errors = output_.open(index);
            command.descriptors.push_back({errors.get(), STDERR_FILENO});
            posts_[index].child.emplace(command);
            ++running_;
        } catch (const std::exception& why) {
            (void)output_.close(index);
            give_up(std::string("no worker process can be started: ") + why.what());
        }
    }

    // Every end of a process wakes us, so nothing but our own deadlines needs a time-out.
    [[nodiscard]] std::optional<clock::time_point> next_deadline(const std::optional<end_times>& end) const {
        if (end) {
            return std::max(hurried_ ? end->kill_at : end->hurry_at, clock::now() + std::chrono::milliseconds(10));
        }
        std::optional<clock::time_point> first;
        for (std::size_t i = 0; i < posts_.size(); ++i) {
            const post& one = posts_[i];
            std::optional<clock::time_point> next;
            if (one.child) next = one.watch.next();
            if (const auto begin = must_begin_by(one)) next = std::min(next.value_or(*begin), *begin);
            if (!one.child && is_wanted(i) && !failed_) next = one.start_at;
            if (next && (!first || *next < *first)) first = next;
        }
        return first;
    }

    // Processes end by themselves what does not stop. This is for those that cannot.
    void end_the_overdue() {
        const auto now = clock::now();
        for (post& one : posts_) {
            if (!one.child) continue;
            const auto step = one.watch.due(now);
            if (step == end_watch::step::terminate) one.child->send_signal(SIGTERM);
            if (step != end_watch::step::kill) continue;
            kill(one);
            if (how_.on_event) {
                how_.on_event("worker process " + std::to_string(one.child->pid()) +
                              " should have ended, has not, and is killed");
            }
        }
    }

    [[nodiscard]] std::optional<clock::time_point> must_begin_by(const post& one) const {
        return one.child && !failed_ ? one.must_begin_by(how_.start_limit) : std::nullopt;
    }

    void give_up_on_those_who_never_begin() {
        const auto now = clock::now();
        const auto is_late = [&](const post& one) {
            return now >= must_begin_by(one).value_or(clock::time_point::max());
        };
        if (std::ranges::none_of(posts_, is_late)) return;
        output_.flush(output_patience);
        give_up("worker processes of " + how_.arguments.front() + " run, but have not reached app.run() after " +
                std::to_string(how_.start_limit.count()) +
                " ms, so they will not serve. Is it a program of Sheaf's? If its main has much to do before app.run(), "
                "give it more time (--start-timeout), or do that in app.on_worker_start()");
    }

    void wait_for_events(std::optional<clock::time_point> until) {
        polled_.clear();
        polled_.push_back({wake_.get(), POLLIN, 0});
        polled_.push_back({lifeline_.get(), POLLIN, 0});
        for (const post& one : posts_) {
            if (one.child) polled_.push_back({one.child->descriptor(), POLLIN, 0});
        }
        int timeout = -1;
        if (until) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - clock::now());
            timeout = static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 60'000));
        }
        ::poll(polled_.data(), polled_.size(), timeout);
        eventfd_t ignored = 0;
        ::eventfd_read(wake_.get(), &ignored);
    }

    void read_reports() {
        while (const auto what = receive_lifeline_message(lifeline_.get())) {
            const std::size_t index = what->first_slot / how_.slots;
            if (index >= posts_.size() || !posts_[index].child) continue;
            post& one = posts_[index];
            one.watch.hears(*what, clock::now());
            one.reached = true;
            if (what->what != lifeline_message::kind::ready || std::exchange(one.ready, true)) continue;
            one.policy.on_ready(clock::now());
        }
    }

    void announce_ready() {
        if (announced_ || requested_end()) return;
        for (std::size_t i = 0; i < posts_.size(); ++i) {
            const bool as_wanted = is_wanted(i) ? posts_[i].ready && !posts_[i].retiring : !posts_[i].child;
            if (!as_wanted) return;
        }
        announced_ = true;
        if (how_.on_ready) how_.on_ready();
    }

    void reap_all() {
        for (std::size_t i = 0; i < posts_.size(); ++i) {
            if (!posts_[i].child) continue;
            const pid_t pid = posts_[i].child->pid();
            const auto how = posts_[i].child->reap();
            if (!how) continue;
            read_reports();  // or what it said last would be taken for its successor's
            after_exit(i, pid, *how);
        }
    }

    void after_exit(std::size_t index, pid_t pid, const exit_report& how) {
        post& one = posts_[index];
        // First of all: a sibling may already hold the job and wait for this.
        bool had_job = false;
        const std::string account = account_of(how, one.circumstances(how));
        const loss lost{.pid = pid,
                        .signal = how.signal,
                        .exit_code = how.code,
                        .account = account,
                        .last_lines = output_.close(index)};
        const process_slots slots = board_.slots_of(index * how_.slots, how_.slots);
        for (std::size_t i = 0; i < how_.slots + lent_slots_max; ++i) {
            had_job = board_.record_loss(slots.place(i), lost).has_value() || had_job;
        }
        one.child.reset();
        --running_;
        const bool was_ready = std::exchange(one.ready, false);
        const bool retired = std::exchange(one.retiring, false);
        if (requested_end() || failed_) return;
        if (retired) {  // and wanted again, perhaps: then its successor starts with a clean record
            one.policy = restart_policy(how_.limits);
            one.start_at = clock::now();
            return;
        }

        output_.flush(output_patience);  // what is said now is about that
        const bool stuck = how.signal == 0 && how.code == stuck_exit_code;
        const auto cause = stuck ? end_cause::wish : had_job ? end_cause::job : end_cause::itself;
        const auto start_at = one.policy.on_exit(clock::now(), cause);
        if (!start_at) {
            give_up("worker processes of " + how_.arguments.front() + " end before they can serve, " +
                    std::to_string(one.policy.start_failures()) + " times in a row; the last one " + account +
                    ". Does its main reach app.run()? What it had to say is above.");
            return;
        }
        one.start_at = *start_at;
        if (was_ready && how_.on_event) {
            how_.on_event("worker process " + std::to_string(pid) + " " +
                          (stuck ? std::string("ended itself, because a handler did not stop in time") : account) +
                          (had_job ? " while it ran a job" : "") + "; starting another");
        }
    }

    void give_up(const std::string& why) {
        if (std::exchange(failed_, true)) return;
        if (how_.on_failed) how_.on_failed(why);
    }

    const supervisor_options how_;
    std::vector<post> posts_;  // as many as there may ever be
    slot_board board_;
    output_relay output_{STDERR_FILENO};
    unique_fd lifeline_;             // readable when a worker reports
    unique_fd lifeline_of_workers_;  // inherited by the workers; both ends close when we are gone
    unique_fd wake_;
    std::vector<std::string> inherited_;
    std::size_t wanted_;  // how many of them, from the first, are to have a process
    std::vector<pollfd> polled_;
    bool announced_ = false;
    bool terminated_ = false;
    bool hurried_ = false;
    bool failed_ = false;
    std::atomic<std::size_t> running_{0};

    std::mutex mutex_;
    std::condition_variable all_gone_;
    std::optional<std::size_t> resize_to_;  // guarded by mutex_; what resize() asked for
    std::optional<end_times> end_;          // guarded by mutex_; set: we are to end
    bool done_ = false;                     // guarded by mutex_

    std::thread thread_;
};

supervisor::supervisor(supervisor_options how) : shepherd_(std::make_unique<shepherd>(std::move(how))) {}
supervisor::~supervisor() = default;

void supervisor::resize(std::size_t processes) { shepherd_->resize(processes); }

void supervisor::stop(std::chrono::milliseconds grace) { shepherd_->stop(grace); }

std::size_t supervisor::running() const noexcept { return shepherd_->running(); }

}  // namespace sheaf::detail
