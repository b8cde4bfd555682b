#include <cstdio>
#include <string>

#include "apps/job_address.hpp"
#include "apps/job_words.hpp"
#include "apps/sheaf_commands.hpp"

namespace sheaf::apps {
namespace {

constexpr const char* function = "sheaf.dead";

// What a person is shown of the answer, or an error when it is none.
basic_result<std::string> words_of_answer(dead_command::verb what, const std::string& json) {
    const auto now = std::chrono::system_clock::now();
    switch (what) {
        case dead_command::verb::list: {
            const auto list = detail::read_dead_list(json);
            if (!list) return list.error();
            return words_of(*list, now);
        }
        case dead_command::verb::show: {
            const auto letter = detail::read_dead_letter(json);
            if (!letter) return letter.error();
            return words_of(*letter, now);
        }
        case dead_command::verb::retry:
        case dead_command::verb::purge: break;
    }
    const auto jobs = detail::read_job_count(json);
    if (!jobs) return jobs.error();
    std::string words = std::to_string(*jobs) + (*jobs == 1 ? " job" : " jobs") +
                        (what == dead_command::verb::retry ? " queued again\n" : " forgotten\n");
    if (const auto left = detail::read_skipped_count(json).value_or(0); left != 0) {
        words += std::to_string(left) + " left, since jobs with their unique keys wait or run\n";
    }
    return words;
}

const char* verb_of(dead_command::verb what) {
    switch (what) {
        case dead_command::verb::list: return "list";
        case dead_command::verb::show: return "show";
        case dead_command::verb::retry: return "retry";
        case dead_command::verb::purge: break;
    }
    return "purge";
}

bool is_about_one(const dead_command& what) { return !what.which.job.empty() || !what.which.unique.empty(); }

// "list", "list FUNCTION", "retry all", "purge H:1", ...
std::string words_for(const dead_command& what, const std::string& address) {
    std::string words = verb_of(what.what);
    if (is_about_one(what)) return words + " " + address;
    if (what.what != dead_command::verb::list) words += " all";
    return what.function.empty() ? words : words + " " + what.function;
}

bool did_nothing(const dead_command& what, const std::string& json) {
    const bool changes = what.what == dead_command::verb::retry || what.what == dead_command::verb::purge;
    return changes && is_about_one(what) && detail::read_job_count(json).value_or(0) == 0;
}

int print(const dead_command& what, const endpoint& server, const std::string& json, bool is_one_of_several) {
    const auto words = words_of_answer(what.what, json);
    if (!words) return report("sheaf dead", words.error());
    if (is_one_of_several && !what.json) std::printf("%s:\n", to_string(server).c_str());
    std::fputs((what.json ? json + "\n" : *words).c_str(), stdout);
    if (!did_nothing(what, json)) return exit_ok;
    return report("sheaf dead", {errc::unknown_job, "no dead letter has this handle or unique key"});
}

// Of one letter, the server that has it is asked alone.
int run_on(const dead_command& what, runtime::client& client, const std::string& words, const std::string& address) {
    std::size_t first = 0;
    std::size_t last = client.servers().size();
    if (is_about_one(what) && last > 1) {
        const auto found = ask_about_job(client, address, what.timeout);
        if (!found) return report("sheaf dead", found.error());
        first = found->server;
        last = first + 1;
    }
    int code = exit_ok;
    for (std::size_t i = first; i < last; ++i) {
        const auto said = ask_server(client, i, function, words, what.timeout);
        const int one =
            said ? print(what, client.servers()[i], *said, last - first > 1) : report("sheaf dead", said.error());
        if (one != exit_ok) code = one;
    }
    return code;
}

}  // namespace

int run_dead(const dead_command& what) {
    const auto where = find_job(what.where, what.which);
    if (!where) return report("sheaf dead", where.error());
    runtime::client client(asking(where->servers, what.timeout));
    return run_on(what, client, words_for(what, where->words), where->words);
}

}  // namespace sheaf::apps
