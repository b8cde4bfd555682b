#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "apps/job_feed.hpp"
#include "apps/sheaf_commands.hpp"
#include "apps/submissions.hpp"

namespace sheaf::apps {
namespace {

void say(const std::string& line) { std::fprintf(stderr, "sheaf submit: %s\n", line.c_str()); }

/// Writes results to standard output, as they come, each line after the function's name if that is wanted.
class result_printer {
  public:
    explicit result_printer(const submit_command& what) : what_(what) {}

    /// False when standard output takes no more.
    bool print(const submissions::piece& some) {
        for (const char byte : some.text) put(byte, some.function);
        const bool has_handle = what_.background && !some.has_failed;
        const bool needs_end = has_handle || what_.from == submit_command::input::stripped_lines;
        if (some.is_last && needs_end) put('\n', some.function);
        return std::fflush(stdout) == 0;
    }

  private:
    void put(char byte, const std::string& function) {
        if (std::exchange(at_line_start_, byte == '\n') && what_.prefix) {
            std::fputs(function.c_str(), stdout);
            std::fputs(": ", stdout);
        }
        std::fputc(byte, stdout);
    }

    const submit_command& what_;
    bool at_line_start_ = true;
};

void print_all(const submit_command& what, submissions& out) {
    result_printer printer(what);
    while (const auto some = out.take()) {
        if (!printer.print(*some)) return out.stop();  // main() says why
    }
}

runtime::job_request request(const submit_command& what, std::string function, shared_bytes payload) {
    runtime::job_request made;
    made.function = std::move(function);
    made.unique = what.unique;
    made.payload = std::move(payload);
    made.priority = what.priority;
    made.background = what.background;
    made.retries = what.retries;
    made.terms = what.terms;
    if (what.timeout.count() != 0) made.deadline = std::chrono::steady_clock::now() + what.timeout;
    return made;
}

// Returns why not all have been submitted, if there is a reason.
std::optional<error> submit_all(const submit_command& what, runtime::client& client,
                                const std::shared_ptr<submissions>& out) {
    job_feed feed(what);
    for (;;) {
        const auto payload = feed.next();
        if (!payload) return payload.error();
        if (!*payload) return std::nullopt;
        const shared_bytes bytes{std::string_view(**payload)};
        for (const std::string& function : what.functions) {
            const auto tag = out->add(function, what.parallel);
            if (!tag) return std::nullopt;  // what ails standard output, main() says
            client.submit(request(what, function, bytes), out, *tag);
        }
    }
}

}  // namespace

int run_submit(const submit_command& what) {
    const auto where = find_target(what.where);
    if (!where) return report("sheaf submit", where.error());
    const auto out =
        std::make_shared<submissions>(submissions::wishes{.handles = what.background, .status = what.verbose}, say);
    runtime::client_options how;
    how.servers = where->servers;
    runtime::client client(how);
    std::optional<error> fault;
    {
        std::jthread printer([&] { print_all(what, *out); });
        fault = submit_all(what, client, out);
        out->close();
    }
    if (fault) return report("sheaf submit", *fault);
    const auto failure = out->failure();
    return failure ? exit_code_of(*failure) : exit_ok;
}

}  // namespace sheaf::apps
