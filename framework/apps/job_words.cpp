#include "apps/job_words.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <vector>

#include "base/printable.hpp"
#include <sheaf/detail/envelope.hpp>
#include <sheaf/failure.hpp>

namespace sheaf::apps {
namespace {

constexpr std::size_t payload_shown = 400;
constexpr std::size_t name_width = 10;

std::string row(std::string name, const std::string& value) {
    name.resize(std::max(name.size(), name_width), ' ');
    return "  " + name + value + "\n";
}

// "58 s", "12 min", "3 h", "9 days"
std::string rough(std::chrono::seconds time) {
    using namespace std::chrono;
    const auto in = [&](auto unit, const char* name) { return std::to_string(time / unit) + name; };
    if (time < minutes(2)) return in(seconds(1), " s");
    if (time < hours(2)) return in(minutes(1), " min");
    if (time < hours(48)) return in(hours(1), " h");
    return in(hours(24), " days");
}

std::string when(wall_time at, wall_time now) {
    const auto seconds = std::chrono::system_clock::to_time_t(at);
    std::tm broken{};
    std::array<char, 32> text{};
    ::gmtime_r(&seconds, &broken);
    const std::size_t size = std::strftime(text.data(), text.size(), "%F %T UTC", &broken);
    const auto away = std::chrono::duration_cast<std::chrono::seconds>(at - now);
    const std::string distance = away.count() > 0 ? "in " + rough(away) : rough(-away) + " ago";
    return std::string(text.data(), size) + ", " + distance;
}

// Each line of `text`, fit for a terminal, behind `indent`.
std::string indented(std::string_view text, const std::string& indent) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += indent + printable(text.substr(0, end)) + "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string counted(std::uint64_t number, const std::string& one) {
    return std::to_string(number) + " " + one + (number == 1 ? "" : "s");
}

// What has lines of its own does not make a row more than one.
std::string on_one_line(std::string_view text) {
    std::string line;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        line += (line.empty() ? "" : "; ") + printable(text.substr(0, end));
        text.remove_prefix(std::min(text.find_first_not_of("\n ", end), text.size()));
    }
    return line;
}

std::string attempts_of(const background_status& status) {
    std::string text = std::to_string(status.attempt);
    if (status.attempts > 0) text += " of " + std::to_string(status.attempts);
    if (status.losses > 0) {
        text += ", and " + counted(status.losses, "worker") + " lost";
    }
    return text;
}

// Typed calls have an envelope before their arguments.
std::string words_of_payload(const std::string& payload) {
    const auto typed = detail::read_request(payload);
    std::string text = counted(payload.size(), "byte");
    if (typed) text += ", a typed call";
    const std::string_view shown = typed ? typed->arguments : std::string_view(payload);
    if (shown.empty()) return text;
    return text + ": " + printable(shown.substr(0, payload_shown)) + (shown.size() > payload_shown ? "..." : "");
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text + "  ";
}

}  // namespace

std::string words_of(const background_status& status, wall_time now) {
    if (status.state == background_state::unknown) return "unknown: " + printable(status.why) + "\n";
    std::string text = printable(status.handle) + "  " + printable(status.function) + "\n";
    text +=
        row("state", std::string(to_string(status.state)) + (status.why.empty() ? "" : ": " + printable(status.why)));
    if (!status.unique.empty()) text += row("key", printable(status.unique));
    if (status.attempt > 0 || status.losses > 0) text += row("attempt", attempts_of(status));
    if (status.total > 0) {
        text += row("progress", std::to_string(status.done) + " of " + std::to_string(status.total));
    }
    if (!status.worker.empty()) text += row("worker", printable(status.worker));
    if (status.run_at) text += row("due", when(*status.run_at, now));
    if (status.ended) text += row("ended", when(*status.ended, now));
    if (status.result_bytes) {
        text += row("result", counted(*status.result_bytes, "byte") +
                                  (status.expires ? ", kept until " + when(*status.expires, now) : ""));
    }
    return text;
}

std::string words_of(const detail::dead_list& list, wall_time now) {
    if (list.letters.empty()) return "no dead letters\n";
    std::size_t handle_width = std::string_view("HANDLE").size();
    std::size_t function_width = std::string_view("FUNCTION").size();
    for (const detail::dead_letter& one : list.letters) {
        handle_width = std::max(handle_width, printable(one.handle).size());
        function_width = std::max(function_width, printable(one.function).size());
    }
    std::string text =
        padded("HANDLE", handle_width) + padded("FUNCTION", function_width) + "ATTEMPTS  DIED         REASON\n";
    for (const detail::dead_letter& one : list.letters) {
        const auto age =
            one.died ? rough(std::chrono::duration_cast<std::chrono::seconds>(now - *one.died)) + " ago" : "";
        text += padded(printable(one.handle), handle_width) + padded(printable(one.function), function_width) +
                padded(std::to_string(one.attempts), 8) + padded(age, 11) + printable(one.reason) + "\n";
    }
    if (list.total > list.letters.size()) {
        text += "and " + counted(list.total - list.letters.size(), "older one") + "\n";
    }
    return text;
}

std::string words_of(const detail::dead_letter& letter, wall_time now) {
    std::string text = printable(letter.handle) + "  " + printable(letter.function) + "\n";
    if (!letter.unique.empty()) text += row("key", printable(letter.unique));
    text += row("attempts", std::to_string(letter.attempts));
    if (letter.losses > 0) text += row("lost", counted(letter.losses, "worker"));
    if (letter.died) text += row("died", when(*letter.died, now));
    text += row("reason", printable(letter.reason));
    if (!letter.worker.empty()) text += row("worker", printable(letter.worker));
    text += row("payload", words_of_payload(letter.payload));
    if (!letter.exception.empty())
        text += "  what its worker sent\n" + indented(words_of_exception(letter.exception, letter.attempts), "    ");
    if (!letter.log.empty()) text += "  its last warnings\n" + indented(letter.log, "    ");
    return text;
}

std::string words_of(const detail::detached_list& list, wall_time now) {
    if (list.runs.empty()) return "no runs\n";
    std::size_t width = std::string_view("RUN").size();
    for (const detail::detached_report& one : list.runs) width = std::max(width, printable(one.run).size());
    std::string text = padded("RUN", width) + "STATE      BEGAN        CALLS DONE  WHY\n";
    for (const detail::detached_report& one : list.runs) {
        const auto age =
            one.began ? rough(std::chrono::duration_cast<std::chrono::seconds>(now - *one.began)) + " ago" : "";
        text += padded(printable(one.run), width) + padded(std::string(detail::to_string(one.state)), 9) +
                padded(age, 11) + padded(std::to_string(one.done), 10) + on_one_line(one.why) + "\n";
    }
    if (list.total > list.runs.size()) text += "and " + counted(list.total - list.runs.size(), "older one") + "\n";
    return text;
}

std::string words_of(const detail::detached_report& run, wall_time now) {
    std::string text = printable(run.run) + "  " + std::string(detail::to_string(run.state)) + "\n";
    if (!run.why.empty()) text += row("why", on_one_line(run.why));
    if (run.began) text += row("began", when(*run.began, now));
    if (run.expires) text += row("kept", "until " + when(*run.expires, now));
    if (!run.taker.empty()) text += row("taken by", printable(run.taker));
    text += row("plan", printable(run.function));
    for (const detail::detached_counts& one : run.stages) {
        text += row("node " + std::to_string(one.node), std::to_string(one.waiting) + " waiting, " +
                                                            std::to_string(one.running) + " running, " +
                                                            std::to_string(one.done) + " done");
    }
    return text;
}

std::string words_of_exception(std::string_view bytes, unsigned attempt) {
    failure why = detail::read_failure(bytes);
    why.attempt = attempt;  // the worker counts those of its own host
    const bool is_ours = why.message != bytes;
    return is_ours ? describe(why) : std::string(bytes);
}

}  // namespace sheaf::apps
