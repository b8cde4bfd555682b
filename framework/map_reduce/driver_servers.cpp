// What the driver does while it has no job server.
#include <algorithm>
#include <utility>

#include "map_reduce/driver.hpp"
#include "report/units_text.hpp"
#include <sheaf/runtime/client.hpp>

namespace sheaf::detail {
namespace {

constexpr std::chrono::milliseconds sign_of_life_max{2000};

// Which servers there are, with what keeps each from answering.
std::string describe_servers(const std::vector<runtime::server_answer>& answers) {
    std::string text;
    for (const runtime::server_answer& one : answers) {
        text += (text.empty() ? "" : "; ") + to_string(one.server);
        if (!one.answer) text += " (" + one.answer.error().message + ")";
    }
    return text;
}

}  // namespace

void run_driver::watch_servers() {
    using advice = server_watch::advice;
    const auto now = clock::now();
    for (advice what = servers_.next(now); what != advice::nothing; what = servers_.next(now)) {
        const bool is_begin = what == advice::say_lost;
        const std::string time = duration_text(is_begin ? servers_.time_left(now) : servers_.away_for(now));
        switch (what) {
            case advice::nothing: break;
            case advice::ask: ask_servers(); break;
            case advice::say_lost:
                line_.say("no job server answers: " + servers_.why() + "; trying again for " + time);
                break;
            case advice::say_back: line_.say("a job server is there again, after " + time); break;
            case advice::give_up:
                plan_.give_up(failure_of({errc::connection_failed, "No job server has answered for " + time +
                                                                       " (wait_for_servers): " + servers_.why() +
                                                                       ". Start it again, and then the run."}));
                return;
        }
    }
}

void run_driver::ask_servers() {
    engine_.client().admin_each(
        "version", sign_of_life_max, [this, events = events_](std::vector<runtime::server_answer> answers) {
            events->post([this, answers = std::move(answers)] {
                const bool some = std::ranges::any_of(answers, [](const auto& one) { return bool(one.answer); });
                servers_.note_answer(some, describe_servers(answers), clock::now());
            });
        });
}

}  // namespace sheaf::detail
