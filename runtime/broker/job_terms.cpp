#include "broker/job_terms.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <boost/container_hash/hash.hpp>

#include "base/parse_number.hpp"
#include "base/printable.hpp"
#include "base/take_until.hpp"

namespace sheaf::broker {
namespace {

constexpr std::uint32_t attempts_max = 1'000'000;
constexpr std::int64_t milliseconds_max = std::int64_t{100} * 365 * 24 * 3600 * 1000;  // a hundred years
constexpr std::int64_t latest_ms = 9'000'000'000'000;  // the year 2255, as for SUBMIT_JOB_EPOCH
constexpr double factor_max = 1000;

template <class Number>
std::optional<Number> number_within(std::string_view text, Number least, Number most) {
    const auto number = parse_number<Number>(text);
    return number && *number >= least && *number <= most ? number : std::nullopt;
}

std::optional<std::chrono::milliseconds> parse_milliseconds(std::string_view text) {
    const auto count = number_within<std::int64_t>(text, 0, milliseconds_max);
    return count ? std::optional(std::chrono::milliseconds(*count)) : std::nullopt;
}

std::optional<backoff> parse_backoff(std::string_view text) {
    const auto first = parse_milliseconds(take_until(text, ' '));
    const auto factor = number_within<double>(take_until(text, ' '), 1, factor_max);
    const auto most = parse_milliseconds(take_until(text, ' '));
    if (!first || !factor || !most || !text.empty()) return std::nullopt;
    return backoff{.first = *first, .factor = *factor, .most = *most};
}

// Stores what `value` says, if it says something.
template <class T>
bool take(std::optional<T> value, auto& into) {
    if (value) into = *value;
    return value.has_value();
}

bool read_term(std::string_view name, std::string_view value, job_terms& into) {
    if (name == "attempts") return take(number_within<std::uint32_t>(value, 1, attempts_max), into.attempts);
    if (name == "backoff") return take(parse_backoff(value), into.pause);
    if (name == "keep") {
        const auto seconds = number_within<std::int64_t>(value, 0, milliseconds_max / 1000);
        if (seconds) into.keep = std::chrono::seconds(*seconds);
        return seconds.has_value();
    }
    return false;
}

constexpr std::array<std::string_view, 4> place_words{"call", "part", "ask", "visit"};

// A number that ends with a blank or the text.
template <class Number>
bool take_number(std::string_view& text, Number& into) {
    return take(parse_number<Number>(take_until(text, ' ')), into);
}

bool take_id(std::string_view& text, job_id& into) {
    job_id::number_type number = 0;
    if (!take_number(text, number)) return false;
    into = job_id{number};
    return true;
}

// "RUN WORD NODE FRAME SLOT TRIED"; the word is one of place_words.
std::optional<run_place> parse_place(std::string_view text) {
    run_place place;
    if (!take_id(text, place.run) || place.run.value() == 0) return std::nullopt;
    const std::string_view word = take_until(text, ' ');
    if (std::ranges::find(place_words, word) == place_words.end()) return std::nullopt;
    place.is_visit = word == "visit";
    place.answer_is_part = word == "part";
    place.wants_request = word == "ask";
    const bool is_whole = take_number(text, place.node) && take_id(text, place.frame) &&
                          take_number(text, place.slot) && take_number(text, place.tried) && text.empty();
    return is_whole ? std::optional(place) : std::nullopt;
}

std::string write_place(const run_place& place) {
    const std::string_view word = place.is_visit         ? "visit"
                                  : place.answer_is_part ? "part"
                                  : place.wants_request  ? "ask"
                                                         : "call";
    const auto number = [](auto of) { return ' ' + std::to_string(of); };
    return "run" + number(place.run.value()) + ' ' + std::string(word) + number(place.node) +
           number(place.frame.value()) + number(place.slot) + number(place.tried) + '\n';
}

bool read_line(std::string_view name, std::string_view value, enqueue_request& into) {
    if (name == "function") {
        into.function = value;
        return !value.empty() && value.find('\0') == std::string_view::npos;
    }
    if (name == "delay") return take(parse_milliseconds(value), into.delay);
    if (name == "at") {
        const auto at = number_within<std::int64_t>(value, 0, latest_ms);
        if (at) into.at = wall_time{} + std::chrono::milliseconds(*at);
        return at.has_value();
    }
    return read_term(name, value, into.terms);
}

}  // namespace

std::string write_terms(const job_terms& terms) {
    const job_terms usual;
    std::string text;
    if (terms.attempts != usual.attempts) text += "attempts " + std::to_string(terms.attempts) + '\n';
    if (terms.pause != usual.pause) {
        text += "backoff " + std::to_string(terms.pause.first.count()) + ' ' + std::to_string(terms.pause.factor) +
                ' ' + std::to_string(terms.pause.most.count()) + '\n';
    }
    if (terms.keep) text += "keep " + std::to_string(terms.keep->count()) + '\n';
    if (terms.of) text += write_place(*terms.of);
    return text;
}

std::optional<job_terms> read_terms(std::string_view text) {
    job_terms terms;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        std::string_view value = text.substr(0, end);
        const std::string_view name = take_until(value, ' ');
        const bool is_known =
            name == "run" ? (terms.of = parse_place(value)).has_value() : read_term(name, value, terms);
        if (!is_known) return std::nullopt;
        text.remove_prefix(end + 1);
    }
    return terms;
}

std::variant<enqueue_request, std::string> read_enqueue(std::string_view data) {
    enqueue_request request;
    for (;;) {
        const std::size_t end = data.find('\n');
        if (end == std::string_view::npos) return "An empty line is missing between the terms and the payload";
        std::string_view value = data.substr(0, end);
        data.remove_prefix(end + 1);
        if (value.empty()) break;
        const std::string line = printable(value.substr(0, 100));
        const std::string_view name = take_until(value, ' ');
        if (!read_line(name, value, request)) return "This is no term of a job: " + line;
    }
    if (request.function.empty()) return "The terms do not say which function";
    request.payload = data;
    return request;
}

std::chrono::milliseconds pause_before_next(const backoff& how, std::uint32_t attempts, job_id job) {
    if (how.first.count() == 0) return {};  // however often
    const double steps = attempts == 0 ? 0 : attempts - 1;
    const double most = static_cast<double>(how.most.count());
    const double base = std::min(most, static_cast<double>(how.first.count()) * std::pow(how.factor, steps));
    std::size_t lot = attempts;
    boost::hash_combine(lot, job.value());
    const double share = 0.8 + 0.4 * static_cast<double>(lot % 1024) / 1023;
    return std::chrono::milliseconds(static_cast<std::int64_t>(base * share));
}

}  // namespace sheaf::broker
