#include "client/submission.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "protocol/encode.hpp"

namespace sheaf::runtime {
namespace {

using protocol::packet_type;
using protocol::write_request;

// All arguments of a packet have to fit into stock gearmand's buffer of 8192 bytes, or it closes the connection.
constexpr std::size_t names_bytes_max = 8000;
// Header and terminators, generously.
constexpr std::size_t packet_overhead = 64;

bool has_nul(const std::string& text) { return text.find('\0') != std::string::npos; }

std::optional<error> refuse_words(const job_request& r) {
    if (r.function.empty() || has_nul(r.function) || has_nul(r.unique) || has_nul(r.reducer)) {
        return error{errc::invalid_argument,
                     "a job needs a function's name; neither its names nor its unique key may hold a NUL"};
    }
    if ((r.run_at || !r.reducer.empty()) && r.priority != job_priority::normal) {
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

}  // namespace

std::optional<error> prepare(job_request& request, const client_options& how) {
    if (auto bad = refuse_words(request)) return bad;
    if (!how.prefix.empty()) {
        request.function.insert(0, how.prefix);
        if (!request.reducer.empty()) request.reducer.insert(0, how.prefix);
    }
    if (request.run_at) request.background = true;
    return refuse_size(request, how.message_bytes_max);
}

void write_submission(protocol::output_buffer& out, const job_request& r) {
    using enum job_priority;
    if (r.run_at) {
        return write_request<packet_type::submit_job_epoch>(out, r.function, r.unique, epoch(*r.run_at), r.payload);
    }
    if (!r.reducer.empty()) return write_reduce_job(out, r);
    if (r.background) {
        switch (r.priority) {
            case high: return write_request<packet_type::submit_job_high_bg>(out, r.function, r.unique, r.payload);
            case normal: return write_request<packet_type::submit_job_bg>(out, r.function, r.unique, r.payload);
            case low: return write_request<packet_type::submit_job_low_bg>(out, r.function, r.unique, r.payload);
        }
    }
    switch (r.priority) {
        case high: return write_request<packet_type::submit_job_high>(out, r.function, r.unique, r.payload);
        case normal: return write_request<packet_type::submit_job>(out, r.function, r.unique, r.payload);
        case low: return write_request<packet_type::submit_job_low>(out, r.function, r.unique, r.payload);
    }
}

}  // namespace sheaf::runtime
