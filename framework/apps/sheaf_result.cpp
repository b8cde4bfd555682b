#include <cstdio>
#include <memory>
#include <unistd.h>
#include <utility>

#include "apps/job_address.hpp"
#include "apps/sheaf_commands.hpp"
#include "apps/submissions.hpp"
#include "background/job_report.hpp"
#include "base/printable.hpp"
#include <sheaf/detail/envelope.hpp>

namespace sheaf::apps {
namespace {

void say(const std::string& line) { std::fprintf(stderr, "sheaf result: %s\n", line.c_str()); }

// Bytes for programs, and something that harms no terminal for people.
void print(const std::string& text) {
    const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
    const std::string shown = is_terminal ? printable(text) + "\n" : text;
    std::fwrite(shown.data(), 1, shown.size(), stdout);
}

// With several servers, the one that knows the job.
basic_result<std::size_t> server_of(runtime::client& client, const std::string& words,
                                    std::chrono::milliseconds timeout) {
    if (client.servers().size() == 1) return std::size_t{0};
    const auto said = ask_about_job(client, words, timeout);
    if (!said) return said.error();
    return said->server;
}

runtime::job_request question(const std::string& words, std::size_t server) {
    runtime::job_request asked;
    asked.function = "sheaf.result";
    asked.payload = shared_bytes(words);
    asked.resubmit = true;  // it changes nothing, and a server that is started again has the job
    asked.of_server = true;
    asked.server = server;
    return asked;
}

// WORK_FAIL has no words.
void say_more(runtime::client& client, std::size_t server, const std::string& words) {
    const auto json = ask_server(client, server, "sheaf.job", words, std::chrono::seconds(5));
    const auto status = json ? detail::read_status(*json) : basic_result<background_status>(json.error());
    if (!status) return;
    say(printable(status->why));
    if (status->state == background_state::failed) say("see: sheaf dead show " + printable(status->handle));
}

}  // namespace

int run_result(const result_command& what) {
    const auto where = find_job(what.where, what.which);
    if (!where) return report("sheaf result", where.error());
    const auto heard = std::make_shared<submissions>(
        submissions::wishes{.handles = false, .status = what.verbose, .notices = false}, say);
    runtime::client client(asking(where->servers, what.timeout));
    const auto deadline = std::chrono::steady_clock::now() + what.timeout;
    const auto server = server_of(client, where->words, what.timeout);
    if (!server) return report("sheaf result", server.error());
    const auto tag = heard->add("the job", 1);
    auto asked = question(where->words, *server);
    if (what.timeout.count() != 0) asked.deadline = deadline;
    client.submit(std::move(asked), heard, *tag);
    heard->close();
    std::string text;
    while (const auto some = heard->take()) text += some->text;
    const auto failure = heard->failure();
    if (failure) {
        if (failure->code == errc::job_failed) say_more(client, *server, where->words);
        return exit_code_of(*failure);
    }
    const auto typed = detail::read_answer(shared_bytes(text));
    print(what.raw || !typed ? text : std::string(typed->view()));
    return exit_ok;
}

}  // namespace sheaf::apps
