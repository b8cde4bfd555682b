#include <algorithm>
#include <array>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <random>
#include <stdexcept>
#include <utility>

#include "background/deadline_after.hpp"
#include "background/detached_report.hpp"
#include "background/server_search.hpp"
#include "background/stop_order.hpp"
#include "base/printable.hpp"
#include "client/server_choice.hpp"
#include <sheaf/detached_run.hpp>
#include <sheaf/detail/detached_plan.hpp>
#include <sheaf/detail/envelope.hpp>
#include <sheaf/detail/handler_thread.hpp>

namespace sheaf::detail {
namespace {

constexpr const char* run_function = "sheaf.run";
constexpr std::size_t id_max = 63;

using clock = std::chrono::steady_clock;

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

std::string random_digits() {
    std::random_device source;
    std::string made;
    for (int half = 0; half < 2; ++half) {
        const std::uint64_t number = std::uint64_t{source()} << 32U | source();
        std::array<char, 16> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 36).ptr;
        made.append(digits.data(), end);
    }
    return made;
}

constexpr std::size_t nowhere = ~std::size_t{0};
// How long those are waited for that hardly have a run that is to be begun.
constexpr std::chrono::seconds others_time{5};

std::uint64_t choice_key(const std::string& id) { return runtime::server_choice::key(run_function, id, {}); }

std::string status_question(const std::string& id) { return "status " + id + "\n"; }

[[noreturn]] void throw_stopped(const std::string& id) {
    throw cancelled({.code = errc::cancelled, .message = "the waiting for the run \"" + id + "\" was stopped"});
}

/// Waits for the end of one job.
class end_waiter final : public runtime::job_listener {
  public:
    void on_end(std::uint64_t /*tag*/, runtime::job_end end) override {
        const std::lock_guard lock(mutex_);
        end_ = std::move(end);
        arrived_.notify_one();
    }
    std::optional<runtime::job_end> wait(const std::stop_token& stop) {
        const lent_slot lent;
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, stop, [this] { return end_.has_value(); });
        return std::move(end_);
    }

  private:
    std::mutex mutex_;
    std::condition_variable_any arrived_;
    std::optional<runtime::job_end> end_;
};

std::pair<std::string_view, std::string_view> first_line(std::string_view text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    return {text.substr(0, end), text.substr(std::min(end + 1, text.size()))};
}

}  // namespace

std::string new_run_id(const plan_graph& plan) {
    std::string name;
    for (const char c : std::string_view(plan.name).substr(0, id_max / 2)) name += is_plain(c) ? c : '_';
    return name + (name.empty() ? "" : "-") + random_digits();
}

run_remote::run_remote(std::shared_ptr<call_engine> engine, std::shared_ptr<void> lifetime,
                       std::shared_ptr<const plan_graph> plan, std::string id)
    : lifetime_(std::move(lifetime)),
      engine_(std::move(engine)),
      plan_(std::move(plan)),
      id_(std::move(id)),
      self_(random_digits()),
      server_(std::make_shared<std::atomic<std::size_t>>(nowhere)) {
    if (id_.empty() || id_.size() > id_max || !std::ranges::all_of(id_, is_plain)) {
        throw std::invalid_argument("sheaf: \"" + id_ +
                                    "\" is no id of a run: that is 1 to 63 of the characters A-Z a-z 0-9 . _ and -");
    }
}

struct run_remote::limits {
    std::optional<clock::time_point> deadline;
    std::stop_token stop{};

    static limits of(std::chrono::milliseconds time, std::stop_token stop = {}) {
        return {deadline_after(time), std::move(stop)};
    }
};

// Where it is begun, by all who write the servers' addresses alike.
std::size_t run_remote::home() const {
    const auto choice = runtime::server_choice::of(engine_->client().servers());
    return choice.home(choice_key(id_));
}

// Of several servers one has the run. It is unknown when all say so, and not before: one that is away may have it.
std::size_t run_remote::find(const limits& within) const {
    if (const std::size_t known = *server_; known != nowhere) return known;
    if (engine_->client().servers().size() == 1) return 0;
    const auto said = search_servers(
        engine_->client(),
        {.function = run_function, .payload = status_question(id_), .has_it = knows_run, .deadline = within.deadline},
        within.stop);
    if (!said) throw_stopped(id_);
    if (const auto owner = said->owner()) return *server_ = *owner;
    if (!said->denied_by_all()) throw_silence(said->silence());
    return home();
}

asked_servers run_remote::ask_those_there(std::size_t only_needed, const limits& within) const {
    const auto now = clock::now();
    clock::duration others = others_time;
    if (within.deadline) others = std::min(others, (*within.deadline - now) / 2);
    return *search_servers(engine_->client(), {.function = run_function,
                                               .payload = status_question(id_),
                                               .has_it = knows_run,
                                               .deadline = within.deadline,
                                               .only_needed = only_needed,
                                               .others_deadline = now + others});
}

// Its home has to answer, since it may have been begun there. The others are asked for the sake of programs that write the
// addresses in another way; one of them that is away does not keep runs from being begun.
std::size_t run_remote::find_or_choose(const limits& within) const {
    const std::size_t choice = home();
    if (engine_->client().servers().size() == 1) return choice;
    const asked_servers said = ask_those_there(choice, within);
    if (const auto owner = said.owner()) return *owner;
    if (!said.denied_by(choice)) throw_silence(said.silence());
    return choice;
}

// Nobody can have begun it: any server will do that is there, and is Sheaf's own.
std::size_t run_remote::choose(const limits& within) const {
    const auto& servers = engine_->client().servers();
    if (servers.size() == 1) return 0;
    const asked_servers said = ask_those_there(nowhere, within);
    const std::size_t found = runtime::server_choice::of(servers).pick(
        choice_key(id_), [&](std::size_t i) { return said.denied_by(i) && said.answer_of(i).has_value(); });
    return found == servers.size() ? home() : found;
}

shared_bytes run_remote::ask(std::string payload, std::size_t server, const limits& within) const {
    const auto hears = std::make_shared<end_waiter>();
    runtime::client& through = engine_->client();
    const auto job = through.submit({.function = run_function,
                                     .unique = id_,
                                     .payload = shared_bytes(payload),
                                     .deadline = within.deadline,
                                     .resubmit = true,
                                     .of_server = true,
                                     .server = server},
                                    hears);
    std::optional<runtime::job_end> end = hears->wait(within.stop);
    if (!end) {
        through.cancel(job);
        throw_stopped(id_);
    }
    using kind = runtime::job_end::kind;
    if (end->how == kind::complete) return std::move(end->data);
    if (end->how == kind::not_run) throw_silence(std::move(end->why));
    throw_silence({errc::server_error, "the server has ended the question without an answer"});
}

void run_remote::throw_silence(error why) const {
    failure made{.code = why.code, .message = "the run \"" + id_ + "\": " + std::move(why.message)};
    if (why.code == errc::timeout) made.clock = call_clock::deadline;
    throw_failure(std::move(made));
}

void run_remote::begin(std::string_view item, const detach_options& how) {
    check_detachable(*plan_);
    std::string order = "start " + id_ + "\nfunction " + plan_function(*plan_) + "\nkeep " +
                        std::to_string(std::max<std::int64_t>(how.keep.count(), 0)) + "\n\n";
    const limits within = limits::of(how.deadline);
    const std::size_t server = how.id.empty() ? choose(within) : find_or_choose(within);
    const shared_bytes said = ask(order.append(item), server, within);
    const auto [word, rest] = first_line(said.view());
    if (word == "started" || word == "known") {
        *server_ = server;
        return;
    }
    if (word == "other") throw_end(word, rest);
    throw_failure(
        {.code = errc::server_error, .message = "the run \"" + id_ + "\" was not begun: " + std::string(rest)});
}

detached_status run_remote::status(std::chrono::milliseconds deadline) const {
    const limits within = limits::of(deadline);
    const shared_bytes said = ask(status_question(id_), find(within), within);
    const auto report = read_detached(said.view());
    if (!report) {
        throw_failure(
            {.code = errc::malformed,
             .message = "the server's word on the run \"" + id_ + "\" cannot be read: " + report.error().message});
    }
    const bool is_known = report->state != detached_state::unknown;
    if (is_known && report->function != utf8_text(plan_function(*plan_)))
        throw_end("other", printable(report->function));
    detached_status made{.state = report->state, .why = report->why, .taker = report->taker};
    for (node_index at = 0; at < plan_->nodes.size(); ++at) {
        if (!std::holds_alternative<call_node>(plan_->nodes[at].what)) continue;
        detached_stage stage{.name = plan_->nodes[at].name};
        const auto found = std::ranges::find(report->stages, at, &detached_counts::node);
        if (found != report->stages.end()) {
            stage.waiting = found->waiting;
            stage.running = found->running;
            stage.done = found->done;
        }
        made.stages.push_back(std::move(stage));
    }
    return made;
}

shared_bytes run_remote::take(const take_options& how) const {
    const std::string taker = how.taker.empty() ? self_ : how.taker;
    if (taker.size() > id_max || !std::ranges::all_of(taker, is_plain)) {
        throw std::invalid_argument(
            "sheaf: \"" + taker + "\" is no name of a taker: that is 1 to 63 of the characters A-Z a-z 0-9 . _ and -");
    }
    const limits within = limits::of(how.deadline, how.stop);
    const shared_bytes said =
        ask("take " + id_ + "\ntaker " + taker + "\nfunction " + plan_function(*plan_) + "\n", find(within), within);
    const auto [word, rest] = first_line(said.view());
    if (word == "value") return said.suffix(rest.size());
    throw_end(word, rest);
}

void run_remote::throw_end(std::string_view how, std::string_view rest) const {
    const std::string name = "the run \"" + id_ + "\" ";
    if (how == "failure") {
        const failure why = read_failure(rest);
        for (const plan_node& one : plan_->nodes) {
            const auto* const call = std::get_if<call_node>(&one.what);
            if (call != nullptr && call->task.frame.task == why.task) call->task.rethrow(why);
        }
        throw_failure(why);
    }
    if (how == "nothing") {
        throw_failure({.code = errc::incomplete, .message = name + "has no outcome: a step dropped the item"});
    }
    if (how == "cancelled") throw_failure({.code = errc::cancelled, .message = name + "was cancelled"});
    if (how == "taken") {
        throw run_taken({.code = errc::incomplete,
                         .message = name + "has ended, and its outcome was taken by " + std::string(rest)});
    }
    if (how == "other") {
        throw schema_mismatch(
            {.code = errc::schema_mismatch,
             .message = name + "is of another plan, or of one with other steps or types: its workers walk it as " +
                        std::string(rest) + ", and this program has " + plan_function(*plan_) +
                        ". Nothing was taken or cancelled; use a program that was built with the plan that began it"});
    }
    if (how == "broken") {
        throw_failure({.code = errc::malformed, .message = name + "could not go on: " + std::string(rest)});
    }
    if (how == "unknown") {
        throw run_unknown({.code = errc::invalid_argument,
                           .message = name +
                                      "is not known to the server, nor to any other where there are several: it "
                                      "was never begun there, or has ended so long ago that nothing is kept of it"});
    }
    throw_failure({.code = errc::server_error, .message = name + "cannot be taken: " + std::string(rest)});
}

bool run_remote::cancel(std::chrono::milliseconds deadline) const {
    const limits within = limits::of(deadline);
    const shared_bytes said = ask("cancel " + id_ + "\nfunction " + plan_function(*plan_) + "\n", find(within), within);
    const auto [word, rest] = first_line(said.view());
    if (word == "unknown" || word == "other") throw_end(word, rest);
    if (word != "cancelled") return false;
    std::vector<std::string_view> running;
    for (std::string_view left = rest; !left.empty();) {
        const auto [handle, after] = first_line(left);
        running.push_back(handle);
        left = after;
    }
    order_stop(*engine_, running);
    return true;
}

}  // namespace sheaf::detail
