#include "client/submission.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>

#include "protocol/encode.hpp"

namespace sheaf::runtime {
namespace {

using protocol::packet_type;
using protocol::write_request;

// All arguments of a packet have to fit into stock gearmand's buffer of 8192 bytes, or it closes the connection.
constexpr std::size_t names_bytes_max = 8000;
// Header and terminators, generously.
constexpr std::size_t packet_overhead = 64;

// Who takes jobs with terms.
constexpr std::string_view enqueue_function = "sheaf.enqueue";

bool has_nul(const std::string& text) { return text.find('\0') != std::string::npos; }

std::optional<error> refuse_words(const job_request& r) {
    if (r.function.empty() || has_nul(r.function) || has_nul(r.unique) || has_nul(r.reducer)) {
        return error{errc::invalid_argument,
                     "a job needs a function's name; neither its names nor its unique key may hold a NUL"};
    }
    if (((r.run_at && !r.terms) || !r.reducer.empty()) && r.priority != job_priority::normal) {
        return error{errc::invalid_argument,
                     "the job of '" + r.function + "' is for a time, or has a reducer: such jobs have normal priority"};
    }
    if (r.run_at && !r.reducer.empty()) {
        return error{errc::invalid_argument,
                     "the job of '" + r.function + "' has a reducer: the protocol has no such jobs for a time"};
    }
    return std::nullopt;
}

std::optional<error> refuse_size(const job_request& r, std::size_t bytes_max) {
    const std::size_t names = r.function.size() + r.unique.size() + r.reducer.size();
    if (names > names_bytes_max) {
        return error{errc::too_large, "function and unique key have " + std::to_string(names) +
                                          " bytes together; job servers take no more than " +
                                          std::to_string(names_bytes_max)};
    }
    if (names + r.payload.size() + packet_overhead > bytes_max) {
        return error{errc::too_large, "the payload of a job of '" + r.function + "' has " +
                                          std::to_string(r.payload.size()) + " bytes, above the limit of " +
                                          std::to_string(bytes_max) +
                                          "; send a reference, or raise message_bytes_max here and on the server"};
    }
    return std::nullopt;
}

std::optional<error> refuse_terms(const job_request& r) {
    const auto bad = [&r](const char* why) {
        return error{errc::invalid_argument, "the job of '" + r.function + "' has terms: " + why};
    };
    if (!r.reducer.empty()) return bad("there are none for jobs with a reducer");
    if (r.run_at && r.terms->delay.count() != 0) return bad("it has a time and a delay as well; one of them is enough");
    if (r.unique == "-") return bad("its payload cannot be its unique key; give it one");
    if (r.function.find('\n') != std::string::npos) return bad("its function's name may not hold the end of a line");
    const job_terms& t = *r.terms;
    const bool negative =
        t.delay.count() < 0 || t.backoff.count() < 0 || t.backoff_max.count() < 0 || (t.keep && t.keep->count() < 0);
    if (negative || !(t.backoff_factor >= 0)) return bad("times and the factor of the pauses are not negative");
    return std::nullopt;
}

std::optional<error> refuse_server(const job_request& r, std::size_t servers) {
    if (!r.server || *r.server < servers) return std::nullopt;
    return error{errc::invalid_argument,
                 "the job of '" + r.function + "' is for a server that is none of this client's servers"};
}

// The shortest decimal number that is `value`.
std::string decimal(double value) {
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::int64_t unix_ms(std::chrono::system_clock::time_point when) {
    const auto since = std::chrono::ceil<std::chrono::milliseconds>(when.time_since_epoch()).count();
    return std::max<std::int64_t>(since, 0);
}

// What the server is to know goes before the payload: a line for each term, and an empty one.
shared_bytes with_terms(const job_request& r) {
    const job_terms& t = *r.terms;
    std::string text = "function " + r.function + '\n';
    if (r.run_at) text += "at " + std::to_string(unix_ms(*r.run_at)) + '\n';
    if (t.delay.count() > 0) text += "delay " + std::to_string(t.delay.count()) + '\n';
    if (t.attempts > 0) text += "attempts " + std::to_string(t.attempts) + '\n';
    if (t.attempts > 1) {
        text += "backoff " + std::to_string(t.backoff.count()) + ' ' + decimal(t.backoff_factor) + ' ' +
                std::to_string(t.backoff_max.count()) + '\n';
    }
    if (t.keep) text += "keep " + std::to_string(t.keep->count()) + '\n';
    text += '\n';
    text += r.payload.view();
    return shared_bytes(text);
}

std::string epoch(std::chrono::system_clock::time_point when) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(when.time_since_epoch()).count();
    return std::to_string(std::max<std::int64_t>(seconds, 0));
}

// The argument "aggregate" of reduce jobs is not in PROTOCOL, and always empty; gearmand wants it.
void write_reduce_job(protocol::output_buffer& out, const job_request& r) {
    constexpr std::string_view aggregate;
    if (r.background) {
        return write_request<packet_type::submit_reduce_job_background>(out, r.function, r.unique, r.reducer, aggregate,
                                                                        r.payload);
    }
    write_request<packet_type::submit_reduce_job>(out, r.function, r.unique, r.reducer, aggregate, r.payload);
}

void write_background(protocol::output_buffer& out, std::string_view function, const job_request& r) {
    using enum job_priority;
    switch (r.priority) {
        case high: return write_request<packet_type::submit_job_high_bg>(out, function, r.unique, r.payload);
        case normal: return write_request<packet_type::submit_job_bg>(out, function, r.unique, r.payload);
        case low: return write_request<packet_type::submit_job_low_bg>(out, function, r.unique, r.payload);
    }
}

}  // namespace

std::optional<error> prepare(job_request& request, const client_options& how) {
    if (auto bad = refuse_words(request)) return bad;
    if (auto bad = refuse_server(request, how.servers.size())) return bad;
    if (!how.prefix.empty() && !request.of_server) {
        request.function.insert(0, how.prefix);
        if (!request.reducer.empty()) request.reducer.insert(0, how.prefix);
    }
    if (request.terms) {
        if (auto bad = refuse_terms(request)) return bad;
        request.payload = with_terms(request);
    }
    if (request.run_at || request.terms) request.background = true;
    return refuse_size(request, how.message_bytes_max);
}

void write_submission(protocol::output_buffer& out, const job_request& r) {
    using enum job_priority;
    if (r.terms) return write_background(out, enqueue_function, r);
    if (r.run_at) {
        return write_request<packet_type::submit_job_epoch>(out, r.function, r.unique, epoch(*r.run_at), r.payload);
    }
    if (!r.reducer.empty()) return write_reduce_job(out, r);
    if (r.background) return write_background(out, r.function, r);
    switch (r.priority) {
        case high: return write_request<packet_type::submit_job_high>(out, r.function, r.unique, r.payload);
        case normal: return write_request<packet_type::submit_job>(out, r.function, r.unique, r.payload);
        case low: return write_request<packet_type::submit_job_low>(out, r.function, r.unique, r.payload);
    }
}

}  // namespace sheaf::runtime
