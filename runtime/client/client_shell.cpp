// The client's thread: sockets and timers around the state machine, and the door through which other threads come in.
#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/assert.hpp"
#include "client/client_core.hpp"
#include "client/hand_off.hpp"
#include "client/helm.hpp"
#include "peer/link_set.hpp"
#include "sheaf/runtime/client.hpp"

namespace sheaf::runtime {
namespace {

using steady_clock = std::chrono::steady_clock;

const client_options& checked(const client_options& how) {
    if (how.servers.empty()) {
        throw runtime_failure({errc::invalid_argument, "a client needs the address of at least one job server"});
    }
    return how;
}

// Longer times could not be added to a point of time.
constexpr std::chrono::milliseconds for_ever = std::chrono::hours(24 * 365);
steady_clock::time_point after(std::chrono::milliseconds timeout) {
    return steady_clock::now() + std::clamp(timeout, std::chrono::milliseconds(0), for_ever);
}

basic_result<job_status> status_in(const basic_result<query_answer>& answer) {
    if (!answer) return answer.error();
    return answer->status;
}

basic_result<std::string> text_in(basic_result<query_answer> answer) {
    if (!answer) return answer.error();
    return std::move(answer->text);
}

auto when_status(std::function<void(basic_result<job_status>)> done) {
    return [done = std::move(done)](const basic_result<query_answer>& answer) { done(status_in(answer)); };
}

// What other threads want. Handed over in batches: only the first of a batch wakes the client's thread.
struct inbox {
    struct submission {
        call_id id = 0;
        job_request request;
        std::shared_ptr<job_listener> listener;
        std::uint64_t tag = 0;
    };
    std::vector<submission> submissions;
    std::vector<call_id> cancels;
    std::vector<call_id> withdrawals;
    std::vector<query> queries;
    bool cancel_all = false;

    [[nodiscard]] bool empty() const noexcept {
        return submissions.empty() && cancels.empty() && withdrawals.empty() && queries.empty() && !cancel_all;
    }
    void clear() noexcept {
        submissions.clear();
        cancels.clear();
        withdrawals.clear();
        queries.clear();
        cancel_all = false;
    }
};

// Waits for the end of one job.
class waiting_listener : public job_listener {
  public:
    explicit waiting_listener(helm& at, bool keeps_handle = false) : keeps_handle_(keeps_handle), visit_(at) {}
    void on_created(std::uint64_t, std::string_view handle) override {
        if (keeps_handle_) handle_ = handle;
    }
    void on_end(std::uint64_t, job_end end) override {
        end_ = std::move(end);
        visit_.arrived();
    }
    [[nodiscard]] job_end wait() {
        visit_.wait();
        return std::move(end_);
    }
    [[nodiscard]] std::string& handle() noexcept { return handle_; }

  private:
    const bool keeps_handle_;
    std::string handle_;
    job_end end_;
    helm::visit visit_;
};

}  // namespace

void job_listener::on_created(std::uint64_t, std::string_view) {}
void job_listener::on_data(std::uint64_t, const shared_bytes&) {}
void job_listener::on_warning(std::uint64_t, const shared_bytes&) {}
void job_listener::on_status(std::uint64_t, std::uint64_t, std::uint64_t) {}
void job_listener::on_retry(std::uint64_t, std::uint32_t, const job_end&) {}

struct client::shell : client_sink, peer::link_events {
    explicit shell(const client_options& how)
        : servers(checked(how).servers),
          work(loop.context().get_executor()),
          timer(loop.context()),
          links(loop, how.servers, how.connect_timeout, how.message_bytes_max, peer::tls_for(how.servers, how.tls),
                *this),
          core(how, *this, peer::jitter()),
          companion(how.companion),
          wheel(loop, {[this] { return is_lone(); }, [this] { return has_work(); }, [this] { begin(); }}),
          thread([this] { wheel.run(); }) {}

    ~shell() override {
        SHEAF_ASSERT(!wheel.is_here(), "a client is not destroyed by its own listener");
        post([this] { end(); });
        thread.join();
        wheel.wait_until_left();
    }

    // ---- From any thread.

    // The companion, in its turn: the core has nothing else to do, and nobody has to be woken.
    [[nodiscard]] bool in_turn() const noexcept { return wheel.is_here() && companion_has_turn; }

    template <class What>
    void post(What what) {
        loop.post(std::move(what));
        wheel.call();
    }

    template <class Put>
    void hand_over(Put&& put) {
        bool is_first = false;
        {
            const std::lock_guard lock(door);
            is_first = arrived.empty();
            put(arrived);
        }
        if (is_first && !wheel.waits_to_begin()) post([this] { take_in(); });
    }

    call_id submit(job_request request, std::shared_ptr<job_listener> listener, std::uint64_t tag) {
        const call_id id = ++last_id;
        if (in_turn()) {
            core.submit(id, std::move(request), std::move(listener), tag, turn_began);
            return id;
        }
        hand_over([&](inbox& in) { in.submissions.push_back({id, std::move(request), std::move(listener), tag}); });
        return id;
    }

    void cancel(call_id id) {
        if (in_turn()) return core.cancel(id);
        hand_over([&](inbox& in) { in.cancels.push_back(id); });
    }

    void withdraw(call_id id) {
        if (in_turn()) return core.withdraw(id);
        hand_over([&](inbox& in) { in.withdrawals.push_back(id); });
    }

    void ask(query asked) {
        if (in_turn()) return core.ask(std::move(asked), turn_began);
        hand_over([&](inbox& in) { in.queries.push_back(std::move(asked)); });
    }

    void wake() {
        if (!turn_is_coming.exchange(true) && !wheel.waits_to_begin()) post([this] { take_turn(); });
    }

    using awaited_answer = std::shared_ptr<hand_off<basic_result<query_answer>>>;

    awaited_answer begin_asking(query asked) {
        SHEAF_ASSERT(!wheel.is_here(), "a listener does not wait for its own client");
        const auto answer = std::make_shared<hand_off<basic_result<query_answer>>>();
        asked.done = [answer](basic_result<query_answer> result) { answer->put(std::move(result)); };
        hand_over([&](inbox& in) { in.queries.push_back(std::move(asked)); });
        return answer;
    }

    basic_result<query_answer> ask(query::kind what, std::string_view text, std::chrono::milliseconds timeout) {
        return begin_asking({what, std::string(text), after(timeout), {}, {}})->take();
    }

    std::vector<server_answer> ask_each(query::kind what, std::string_view text, std::chrono::milliseconds timeout) {
        std::vector<awaited_answer> awaited;
        const auto deadline = after(timeout);
        for (std::size_t i = 0; i < servers.size(); ++i) {
            awaited.push_back(begin_asking({what, std::string(text), deadline, {}, i}));
        }
        std::vector<server_answer> answers;
        for (std::size_t i = 0; i < servers.size(); ++i) answers.push_back({servers[i], text_in(awaited[i]->take())});
        return answers;
    }

    // ---- On the client's thread.

    void take_in() {
        {
            const std::lock_guard lock(door);
            std::swap(arrived, taken);
        }
        const auto now = steady_clock::now();
        for (auto& s : taken.submissions) core.submit(s.id, std::move(s.request), std::move(s.listener), s.tag, now);
        for (const call_id id : taken.withdrawals) core.withdraw(id);
        for (const call_id id : taken.cancels) core.cancel(id);
        if (taken.cancel_all) core.cancel_all();
        for (query& q : taken.queries) core.ask(std::move(q), now);
        taken.clear();
        wait_for_deadline();
        offer_helm();
    }

    // ---- At the helm.

    void offer_helm() {
        if (std::this_thread::get_id() == thread.get_id()) wheel.offer();
    }

    // On a guest's thread.
    void begin() {
        loop.turn([this] {
            take_in();
            if (turn_is_coming) take_turn();
        });
    }

    [[nodiscard]] bool is_lone() const { return core.open_calls() <= 1 && !core.has_queries() && !ended; }

    [[nodiscard]] bool has_work() {
        if (core.open_calls() != 0 || core.has_queries() || ended || turn_is_coming) return true;
        if (armed_for < steady_clock::now() + helm::alone_max) return true;
        const std::lock_guard lock(door);
        return !arrived.empty();
    }

    void take_turn() {
        turn_is_coming = false;
        if (companion == nullptr || ended) return;
        turn_began = steady_clock::now();
        companion_has_turn = true;
        companion->on_turn(turn_began);
        companion_has_turn = false;
        wait_for_deadline();
        offer_helm();
    }

    [[nodiscard]] steady_clock::time_point next_deadline() const {
        const auto next = core.next_deadline();
        return companion == nullptr ? next : std::min(next, companion->next_deadline());
    }

    // A timer that is armed too early costs one idle turn; one that is armed anew for every call costs two system calls.
    void wait_for_deadline() {
        const auto next = next_deadline();
        if (next >= armed_for || ended) return;
        armed_for = next;
        timer.expires_at(next);
        timer.async_wait([this](const boost::system::error_code& fault) {
            if (fault || ended) return;  // one that was due already is not cancelled any more
            armed_for = peer::never;
            core.tick(steady_clock::now());
            take_turn();
            wait_for_deadline();
        });
    }

    void end() {
        take_in();
        ended = true;
        core.shut_down();
        timer.cancel();
        links.close_all_after_flush();
        // What a server has not taken by now, it will hardly take.
        timer.expires_after(std::chrono::seconds(1));
        timer.async_wait([this](const boost::system::error_code& fault) {
            if (!fault) links.abandon();
        });
        leave_when_closed();
    }

    void leave_when_closed() {
        if (!ended || !links.all_gone()) return;
        timer.cancel();
        work.reset();
    }

    // client_sink
    protocol::output_buffer& output(std::size_t server) override { return links.output(server); }
    void connect(std::size_t server) override { links.connect(server); }
    void close(std::size_t server, const error& why) override { links.close(server, why); }

    // peer::link_events
    void on_connected(std::size_t server) override {
        core.connected(server, steady_clock::now());
        wait_for_deadline();
    }
    void on_connect_failed(std::size_t server, const error& why) override {
        core.connect_failed(server, why, steady_clock::now());
        wait_for_deadline();
    }
    void on_lost(std::size_t server, const error& why) override {
        core.disconnected(server, why, steady_clock::now());
        wait_for_deadline();
    }
    void on_packet(std::size_t server, const protocol::packet_view& packet) override {
        core.packet(server, packet, steady_clock::now());
        wait_for_deadline();
    }
    void on_line(std::size_t server, std::string_view line) override {
        core.line(server, line);
        wait_for_deadline();  // the companion may have learned something from it
    }
    void on_released() override { leave_when_closed(); }

    const std::vector<endpoint> servers;
    net::loop loop;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
    boost::asio::steady_timer timer;
    steady_clock::time_point armed_for = peer::never;
    bool ended = false;
    peer::link_set links;
    client_core core;
    client_companion* const companion;
    bool companion_has_turn = false;
    steady_clock::time_point turn_began;
    std::atomic<bool> turn_is_coming = false;

    std::atomic<call_id> last_id = 0;
    std::mutex door;
    inbox arrived;  // guarded by door
    inbox taken;

    helm wheel;
    std::thread thread;  // last: it uses everything above
};

client::client(client_options how) : shell_(std::make_unique<shell>(how)) {}
client::~client() = default;

const std::vector<endpoint>& client::servers() const noexcept { return shell_->servers; }

call_id client::submit(job_request request, std::shared_ptr<job_listener> listener, std::uint64_t tag) {
    SHEAF_ASSERT(listener != nullptr, "somebody has to be told how the job ends");
    return shell_->submit(std::move(request), std::move(listener), tag);
}

job_end client::run(job_request request) {
    SHEAF_ASSERT(!shell_->wheel.is_here(), "a listener does not wait for its own client");
    waiting_listener listener(shell_->wheel);
    // Not owned: it is told exactly once, and waited for.
    shell_->submit(std::move(request), std::shared_ptr<job_listener>(std::shared_ptr<void>(), &listener), 0);
    return listener.wait();
}

basic_result<job_ticket> client::start(job_request request) {
    SHEAF_ASSERT(!shell_->wheel.is_here(), "a listener does not wait for its own client");
    request.background = true;
    waiting_listener listener(shell_->wheel, true);
    shell_->submit(std::move(request), std::shared_ptr<job_listener>(std::shared_ptr<void>(), &listener), 0);
    job_end end = listener.wait();
    if (end.how != job_end::kind::complete) return std::move(end.why);
    return job_ticket{std::move(listener.handle()), shell_->servers[end.server]};
}

void client::cancel(call_id job) { shell_->cancel(job); }

void client::withdraw(call_id job) { shell_->withdraw(job); }

void client::cancel_all() {
    shell_->hand_over([](inbox& in) { in.cancel_all = true; });
}

basic_result<job_status> client::status(const std::string& handle, std::chrono::milliseconds timeout) {
    return status_in(shell_->ask(query::kind::status, handle, timeout));
}

basic_result<job_status> client::status(const job_ticket& job, std::chrono::milliseconds timeout) {
    const auto& servers = shell_->servers;
    const auto at = std::find(servers.begin(), servers.end(), job.server);
    if (at == servers.end()) {
        return error{errc::invalid_argument, "the job " + job.handle + " was taken by " + to_string(job.server) +
                                                 ", which is none of this client's servers"};
    }
    const auto index = static_cast<std::size_t>(at - servers.begin());
    return status_in(shell_->begin_asking({query::kind::status, job.handle, after(timeout), {}, index})->take());
}

basic_result<job_status> client::status_by_unique(const std::string& unique, std::chrono::milliseconds timeout) {
    return status_in(shell_->ask(query::kind::status_unique, unique, timeout));
}

basic_result<void> client::echo(std::string_view text, std::chrono::milliseconds timeout) {
    auto answer = shell_->ask(query::kind::echo, text, timeout);
    if (!answer) return answer.error();
    return {};
}

basic_result<std::string> client::admin(std::string_view command, std::chrono::milliseconds timeout) {
    return text_in(shell_->ask(query::kind::admin, command, timeout));
}

std::vector<server_answer> client::admin_each(std::string_view command, std::chrono::milliseconds timeout) {
    return shell_->ask_each(query::kind::admin, command, timeout);
}

std::vector<server_answer> client::echo_each(std::string_view text, std::chrono::milliseconds timeout) {
    auto answers = shell_->ask_each(query::kind::echo, text, timeout);
    for (server_answer& one : answers) {
        if (one.answer) *one.answer = text;
    }
    return answers;
}

void client::status(const std::string& handle, std::chrono::milliseconds timeout,
                    std::function<void(basic_result<job_status>)> done) {
    shell_->ask({query::kind::status, handle, after(timeout), when_status(std::move(done)), {}});
}

void client::status_by_unique(const std::string& unique, std::chrono::milliseconds timeout,
                              std::function<void(basic_result<job_status>)> done) {
    shell_->ask({query::kind::status_unique, unique, after(timeout), when_status(std::move(done)), {}});
}

void client::admin_each(std::string_view command, std::chrono::milliseconds timeout,
                        std::function<void(std::vector<server_answer>)> done) {
    struct gathering {
        std::vector<server_answer> answers;
        std::size_t left;
        std::function<void(std::vector<server_answer>)> done;
    };
    const std::size_t count = shell_->servers.size();
    const auto all = std::make_shared<gathering>(gathering{{}, count, std::move(done)});
    for (const endpoint& one : shell_->servers) all->answers.push_back({one, error{}});
    for (std::size_t i = 0; i < count; ++i) {
        shell_->ask({query::kind::admin, std::string(command), after(timeout),
                     [all, i](basic_result<query_answer> answer) {
                         all->answers[i].answer = text_in(std::move(answer));
                         if (--all->left == 0) all->done(std::move(all->answers));
                     },
                     i});
    }
}

void client::wake() { shell_->wake(); }

basic_result<bool> client::server_is_sheaf(std::chrono::milliseconds timeout) {
    auto answer = shell_->ask(query::kind::option, "sheaf", timeout);
    if (!answer) return answer.error();
    return answer->granted;
}

struct client_visit::place {
    explicit place(helm& at) : visit(at) {}
    helm::visit visit;
};

client_visit::client_visit(client& at) : place_(std::make_unique<place>(at.shell_->wheel)) {}
client_visit::~client_visit() = default;
void client_visit::wait() { place_->visit.wait(); }
void client_visit::arrived() { place_->visit.arrived(); }

}  // namespace sheaf::runtime
