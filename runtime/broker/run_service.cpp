#include "broker/run_service.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include <boost/json.hpp>

#include "base/parse_number.hpp"
#include "base/plain_name.hpp"
#include "base/printable.hpp"
#include "base/take_until.hpp"
#include "broker/limits.hpp"
#include "broker/runs.hpp"
#include "broker/services.hpp"

namespace sheaf::broker {
namespace {

namespace json = boost::json;

constexpr std::size_t name_size_max = 63;
constexpr std::size_t listed_max = 1000;
constexpr std::int64_t keep_max = std::int64_t{100} * 365 * 24 * 3600;

// The lines of a start, up to the empty one; what follows is the item.
std::optional<run_record> read_start(std::string_view name, std::string_view& rest) {
    run_record about;
    about.name = name;
    about.keep = std::chrono::hours(24 * 7);
    while (!rest.empty() && rest.front() != '\n') {
        std::string_view value = take_until(rest, '\n');
        const std::string_view word = take_until(value, ' ');
        if (word == "function") {
            about.function = value;
        } else if (const auto seconds = parse_number<std::int64_t>(value); word == "keep" && seconds && *seconds >= 0) {
            about.keep = std::chrono::seconds(std::min(*seconds, keep_max));
        } else {
            return std::nullopt;
        }
    }
    const bool has_function = !about.function.empty() && about.function.size() <= function_size_max &&
                              about.function.find('\0') == std::string::npos && !is_service(about.function);
    if (rest.empty() || !has_function) return std::nullopt;
    rest.remove_prefix(1);
    return about;
}

// The run is there, but whoever asks means another plan.
void answer_other(world& w, connection_id from, const run& known) {
    answer_at_once(w, from, "other\n" + printable(known.about.function));
}

void start(world& w, connection_id from, std::string_view name, std::string_view rest) {
    auto about = read_start(name, rest);
    if (!about) {
        return send_invalid(
            w, from, "A start takes the lines \"function NAME\" and \"keep SECONDS\", an empty line, and the item");
    }
    if (w.draining) return answer_at_once(w, from, "refused\nthe server is shutting down");
    run* known = w.runs.find(name);
    if (known != nullptr && known->about.function != about->function) return answer_other(w, from, *known);
    if (known != nullptr && known->is_stored) return answer_at_once(w, from, "known\n");
    run& made = known != nullptr ? *known : begin_run(w, *std::move(about), rest);
    made.starters.push_back(open_question_of(w, from));
}

bool is_other(const run& known, std::string_view function) {
    return !function.empty() && function != known.about.function;
}

struct take_order {
    std::string_view taker{};
    std::string_view function{};  ///< of the plan whose outcome it is to be; empty: of any
};

std::optional<take_order> read_take(std::string_view rest) {
    take_order order;
    while (!rest.empty()) {
        std::string_view value = take_until(rest, '\n');
        const std::string_view word = take_until(value, ' ');
        if (word == "taker" && is_plain_name(value, name_size_max)) {
            order.taker = value;
        } else if (word == "function" && !value.empty()) {
            order.function = value;
        } else {
            return std::nullopt;
        }
    }
    if (order.taker.empty()) return std::nullopt;
    return order;
}

// Now and then, so that each costs little however many there are.
void forget_absent_takers(const world& w, run& of) {
    if (of.takers.size() <= 2 * of.takers_checked) return;
    std::erase_if(of.takers, [&](const run_taker& one) { return !w.questions.contains(one.question); });
    of.takers_checked = of.takers.size();
}

void take(world& w, connection_id from, std::string_view name, std::string_view rest) {
    const auto order = read_take(rest);
    if (!order) {
        return send_invalid(
            w, from,
            "A take has the line \"taker NAME\", of 1 to 63 of the characters A-Z a-z 0-9 . _ and -, and may "
            "have the line \"function NAME\", of the plan that the run is to be of");
    }
    run* const known = w.runs.find(name);
    if (known == nullptr) return answer_at_once(w, from, "unknown\n");
    if (is_other(*known, order->function)) return answer_other(w, from, *known);
    forget_absent_takers(w, *known);
    const run_taker waiting{.question = open_created_question(w, from), .name = std::string(order->taker)};
    if (known->end_is_stored) return ask_for_outcome(w, *known, waiting);
    known->takers.push_back(waiting);
}

struct stage_counts {
    std::uint64_t waiting = 0;
    std::uint64_t running = 0;
    std::uint64_t done = 0;
};

std::string_view word_of(run_state state) {
    switch (state) {
        case run_state::going: return "running";
        case run_state::value:
        case run_state::nothing: return "done";
        case run_state::cancelled: return "cancelled";
        default: return "failed";
    }
}

/// Looks at the jobs of a run.
class run_survey {
  public:
    run_survey(const world& w, const run& r) : w_(w) {
        for (const auto& [node, calls] : r.done) stages_[node].done = calls;
        w.runs.for_each_job(r, [&](job_id id) { look_at(w.jobs[w.jobs.find(id)]); });
    }

    [[nodiscard]] std::string why() const {
        if (!unserved_.empty()) return "no worker offers " + std::string(unserved_);
        if (jobs_ == 0 || delayed_ < jobs_) return {};
        const auto left = std::chrono::ceil<std::chrono::seconds>(next_due_ - w_.last.wall);
        return "what failed is tried again in " + std::to_string(std::max<std::int64_t>(left.count(), 0)) + " s";
    }
    [[nodiscard]] json::array stages() const {
        json::array all;
        for (const auto& [node, counts] : stages_) {
            all.push_back(json::object{
                {"node", node}, {"waiting", counts.waiting}, {"running", counts.running}, {"done", counts.done}});
        }
        return all;
    }

  private:
    void look_at(const job& j) {
        ++jobs_;
        const bool runs = std::holds_alternative<running>(j.phase);
        if (!j.terms->of->is_visit) ++(runs ? stages_[j.terms->of->node].running : stages_[j.terms->of->node].waiting);
        const function& f = w_.functions[j.function];
        if (!runs && f.workers == 0) unserved_ = f.name;
        if (const auto* const later = std::get_if<scheduled>(&j.phase)) {
            ++delayed_;
            next_due_ = std::min(next_due_, later->run_at);
        }
    }

    const world& w_;
    std::map<std::uint32_t, stage_counts> stages_;
    std::size_t jobs_ = 0;
    std::size_t delayed_ = 0;
    wall_time next_due_ = wall_time::max();
    std::string_view unserved_;
};

// Their handles, so that their workers can be told to stop: a thousand at most.
std::vector<std::string> running_jobs(const world& w, const run& of) {
    std::vector<std::string> handles;
    w.runs.for_each_job(of, [&](job_id id) {
        const job& one = w.jobs[w.jobs.find(id)];
        if (one.terms->of->is_visit || handles.size() == listed_max || !std::holds_alternative<running>(one.phase))
            return;
        handles.emplace_back(std::string_view(w.handle_of(one)));
    });
    return handles;
}

std::int64_t milliseconds_of(wall_time at) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

// What is known at once of a run, however large it is.
json::object describe(const run& of) {
    json::object about{{"run", of.about.name},
                       {"state", word_of(of.about.state)},
                       {"why", of.about.why},
                       {"taker", of.about.taker},
                       {"function", utf8_text(of.about.function)},
                       {"began_ms", milliseconds_of(of.about.began)}};
    if (of.about.state != run_state::going) about["expires_ms"] = milliseconds_of(of.about.expires);
    return about;
}

void status(world& w, connection_id from, std::string_view name, std::string_view /*rest*/) {
    const run* const known = w.runs.find(name);
    if (known == nullptr) {
        return answer_at_once(w, from,
                              json::serialize(json::object{{"run", name},
                                                           {"state", "unknown"},
                                                           {"why", "no run has this id, or it ended too long ago"},
                                                           {"taker", ""},
                                                           {"stages", json::array()}}));
    }
    json::object about = describe(*known);
    const run_survey seen(w, *known);
    if (known->about.state == run_state::going) about["why"] = utf8_text(seen.why());
    about["stages"] = seen.stages();
    answer_at_once(w, from, json::serialize(about));
}

void list(world& w, connection_id from) {
    std::vector<const run*> all;
    all.reserve(w.runs.runs.size());
    for (const auto& [number, one] : w.runs.runs) all.push_back(&one);
    const auto shown = all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), listed_max));
    std::ranges::partial_sort(all, shown, std::ranges::greater{}, [](const run* one) { return one->about.id; });
    json::array runs;
    for (const run* one : std::span(all.begin(), shown)) {
        json::object& about = runs.emplace_back(describe(*one)).as_object();
        std::uint64_t done = 0;
        for (const auto& [node, calls] : one->done) done += calls;
        about["done"] = done;
    }
    answer_at_once(w, from, json::serialize(json::object{{"runs", std::move(runs)}, {"total", all.size()}}));
}

// Its one line may say of which plan the run is to be.
void cancel(world& w, connection_id from, std::string_view name, std::string_view rest) {
    std::string_view function = take_until(rest, '\n');
    const bool is_function = take_until(function, ' ') == "function";
    run* const known = w.runs.find(name);
    if (known == nullptr) return answer_at_once(w, from, "unknown\n");
    if (is_function && is_other(*known, function)) return answer_other(w, from, *known);
    if (known->about.state != run_state::going) return answer_at_once(w, from, "ended\n");
    if (!known->is_stored) return answer_at_once(w, from, "refused\nit is being written to the disk: ask again");
    std::string said = "cancelled\n";
    for (const std::string& handle : running_jobs(w, *known)) said.append(handle).push_back('\n');
    cancel_run(w, *known);
    answer_when_written(w, from, said);
}

}  // namespace

void on_run_service(world& w, connection_id from, std::string_view order) {
    std::string_view rest = order;
    std::string_view name = take_until(rest, '\n');
    const std::string_view verb = take_until(name, ' ');
    using command = void (*)(world&, connection_id, std::string_view, std::string_view);
    constexpr std::array<std::pair<std::string_view, command>, 4> commands{
        {{"start", &start}, {"take", &take}, {"status", &status}, {"cancel", &cancel}}};
    if (verb == "list" && name.empty() && rest.empty()) return list(w, from);
    const auto* const known = std::ranges::find(commands, verb, &std::pair<std::string_view, command>::first);
    if (known == commands.end() || !is_plain_name(name, name_size_max)) {
        return send_invalid(
            w, from,
            "sheaf.run takes a line: start, take, status or cancel, and the run's id, of 1 to 63 of the "
            "characters A-Z a-z 0-9 . _ and -; or list");
    }
    known->second(w, from, name, rest);
}

}  // namespace sheaf::broker
