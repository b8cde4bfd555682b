#include "server/http_exchange.hpp"

#include <utility>

#include "protocol/packet_type.hpp"

namespace sheaf::server {
namespace {

using protocol::packet_type;

packet_type submission_of(const http_request& request) {
    using protocol::priority;
    switch (request.priority) {
        case priority::high: return request.background ? packet_type::submit_job_high_bg : packet_type::submit_job_high;
        case priority::low: return request.background ? packet_type::submit_job_low_bg : packet_type::submit_job_low;
        case priority::normal: break;
    }
    return request.background ? packet_type::submit_job_bg : packet_type::submit_job;
}

http_exchange::time_point limit(http_exchange::time_point since, std::uint64_t bytes) {
    return since + http_exchange::patience + std::chrono::seconds(bytes / http_exchange::bytes_per_second_min);
}

unsigned status_of_error(std::string_view code) {
    if (code == "ARGUMENT_TOO_LARGE" || code == "INVALID_ARGUMENT") return 400;
    if (code == "UNKNOWN_JOB") return 404;
    if (code == "RESULT_GONE") return 410;
    return 503;
}

}  // namespace

bool http_exchange::wants_input() const noexcept {
    return (phase_ == phase::reading && input_.empty()) || phase_ == phase::discarding;
}

http_exchange::time_point http_exchange::deadline() const noexcept {
    switch (phase_) {
        case phase::reading: return reader_.has_begun() ? limit(since_, reader_.bytes()) : since_ + idle_max;
        case phase::sending: return limit(since_, sent_);
        case phase::discarding: return since_ + discard_time;
        case phase::working:
        case phase::over: break;
    }
    return time_point::max();
}

void http_exchange::tick(instant now) {
    if (now.steady < deadline()) return;
    if (phase_ == phase::reading && reader_.has_begun()) {
        return refuse({408, "The request takes too long to come."}, now);
    }
    const phase was = std::exchange(phase_, phase::over);
    if (was == phase::sending) return around_.cut("the peer takes too long to read an answer");
    around_.close_after_flush(was == phase::reading ? "no request has come for long" : "the request was refused");
}

void http_exchange::received(std::string_view bytes, instant now) {
    if (phase_ == phase::discarding) {
        discarded_ += bytes.size();
        if (discarded_ > discard_bytes_max) around_.close_after_flush("the peer sends on after it was refused");
    } else if (phase_ != phase::reading || !input_.empty()) {
        input_.append(bytes);
    } else {
        read_on(bytes, now);
    }
}

void http_exchange::drained(instant now) {
    if (phase_ != phase::sending) return;
    if (!request_.keep_alive) {
        phase_ = phase::over;
        return;
    }
    phase_ = phase::reading;
    since_ = now.steady;
    const std::string kept = std::exchange(input_, {});
    read_on(kept, now);
}

void http_exchange::read_on(std::string_view bytes, instant now) {
    while (phase_ == phase::reading && !bytes.empty()) {
        if (!reader_.has_begun()) since_ = now.steady;
        bytes.remove_prefix(reader_.feed(bytes));
        if (reader_.take_continue()) around_.wire().append("HTTP/1.1 100 Continue\r\n\r\n");
        if (reader_.what() == http_request_reader::state::complete) begin(now);
        if (reader_.what() == http_request_reader::state::refused) return refuse(reader_.why(), now);
    }
    input_.append(bytes);
}

void http_exchange::begin(instant now) {
    request_ = reader_.take();
    handle_.clear();
    collected_.clear();
    collected_size_ = 0;
    in_chunks_ = false;
    sent_ = 0;
    if (request_.function.empty()) return answer({}, {}, now);
    phase_ = phase::working;
    protocol::packet_view packet;
    packet.type = submission_of(request_);
    packet.arguments[0] = request_.function;
    packet.arguments[1] = request_.unique;
    const shared_bytes payload = std::move(request_.payload);
    packet.data = payload.view();
    packet.owner = &payload;
    around_.submit(packet);
}

// Whatever the broker says is about the one job that is out, or nothing of ours.
void http_exchange::packet(const protocol::packet_view& packet, instant now) {
    if (phase_ != phase::working) return;
    switch (packet.type) {
        case packet_type::job_created: return created(packet[0], now);
        case packet_type::error: return not_taken(packet, now);
        case packet_type::work_data:
        case packet_type::work_complete:
        case packet_type::work_fail:
        case packet_type::work_exception: break;
        default: return;  // what a client of HTTP has no place for
    }
    if (packet[0] != handle_) return;
    if (packet.type == packet_type::work_data) return data(packet, now);
    if (packet.type == packet_type::work_complete) return completed(packet, now);
    failed(packet, now);
}

void http_exchange::created(std::string_view handle, instant now) {
    handle_ = handle;
    if (request_.background) answer({.status = 202, .handle = handle_, .command = "JOB_CREATED"}, {}, now);
}

void http_exchange::data(const protocol::packet_view& packet, instant now) {
    if (packet.data.empty()) return;
    if (!request_.wants_body || !request_.knows_chunks) {
        collected_size_ += packet.data.size();
        if (!request_.wants_body) return;
        if (collected_size_ <= body_bytes_max_) return void(collected_.append(packet.data));
        return answer_in_words(500, "WORK_DATA", "The result is too large for a client of HTTP/1.0.", now);
    }
    if (!std::exchange(in_chunks_, true)) {
        around_.wire().append(
            head_of({.handle = handle_, .command = "WORK_DATA", .keep_alive = request_.keep_alive}, now.wall));
    }
    put_chunk(packet.share_data());
}

void http_exchange::put_chunk(const shared_bytes& data) {
    if (data.empty()) return;
    around_.wire().append(chunk_line(data.size()));
    around_.wire().append(data);
    around_.wire().append("\r\n");
    sent_ += data.size();
}

void http_exchange::completed(const protocol::packet_view& packet, instant now) {
    const http_answer head{.handle = handle_, .command = "WORK_COMPLETE"};
    if (in_chunks_) {
        put_chunk(packet.share_data());
        around_.wire().append("0\r\n\r\n");
        return finish(now);
    }
    if (collected_size_ == 0) return answer(head, packet.share_data(), now);
    if (!request_.wants_body) {
        collected_size_ += packet.data.size();
        return answer(head, {}, now);
    }
    collected_.append(packet.data);
    answer(head, shared_bytes(collected_), now);
}

// An answer that has begun cannot change its status any more: it ends before its end, which every client takes for a failure.
void http_exchange::failed(const protocol::packet_view& packet, instant now) {
    if (in_chunks_) {
        phase_ = phase::over;
        return around_.close_after_flush("the job failed within its answer");
    }
    collected_size_ = 0;
    if (packet.type == packet_type::work_fail) {
        return answer_in_words(500, "WORK_FAIL", "The worker says that the job has failed.", now);
    }
    answer({.status = 500, .handle = handle_, .command = "WORK_EXCEPTION"}, packet.share_data(), now);
}

// The broker does not take the job, and says why.
void http_exchange::not_taken(const protocol::packet_view& packet, instant now) {
    answer_in_words(status_of_error(packet[0]), "ERROR", std::string(packet[0]) + ": " + std::string(packet[1]), now);
}

void http_exchange::answer_in_words(unsigned status, std::string_view command, std::string_view words, instant now) {
    answer({.status = status, .handle = handle_, .command = command, .is_text = true},
           shared_bytes(std::string(words) + "\n"), now);
}

void http_exchange::answer(http_answer head, const shared_bytes& body, instant now) {
    head.keep_alive = request_.keep_alive;
    head.length = body.size() + (request_.wants_body ? 0 : collected_size_);
    around_.wire().append(head_of(head, now.wall));
    if (request_.wants_body) around_.wire().append(body);
    sent_ += body.size();
    finish(now);
}

void http_exchange::finish(instant now) {
    phase_ = phase::sending;
    since_ = now.steady;
    if (!request_.keep_alive) around_.close_after_flush("the answer was the last");
}

void http_exchange::refuse(const http_refusal& why, instant now) {
    const std::string words = why.text + "\n";
    around_.wire().append(head_of({.status = why.status, .length = words.size(), .is_text = true}, now.wall));
    around_.wire().append(words);
    input_.clear();
    phase_ = phase::discarding;
    since_ = now.steady;
}

}  // namespace sheaf::server
