// The words of the broker: who is connected, what a job is called, and when things happen.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/strong_id.hpp"
#include "protocol/packet.hpp"
#include "sheaf/runtime/shared_bytes.hpp"

namespace sheaf::broker {

using steady_time = std::chrono::steady_clock::time_point;
using wall_time = std::chrono::system_clock::time_point;

/// Now, by both clocks. Intervals use the steady one; only epoch jobs and time to live use the wall clock.
struct instant {
    steady_time steady;
    wall_time wall;
};

/// A connection, from `connected` to `disconnected`. The shell gives the numbers and may use one again after that.
using connection_id = strong_id<struct connection_tag, std::uint32_t>;

/// A job for as long as this broker (and its store) lives; the number in its handle.
using job_id = strong_id<struct job_tag, std::uint64_t>;

/// What the store keeps of a background job.
struct job_record {
    job_id id;
    std::string function;
    std::string unique;
    std::string reducer;
    protocol::priority priority = protocol::priority::normal;
    wall_time run_at{};  ///< the epoch, for a job that is due at once
    shared_bytes payload;
    std::uint32_t attempts = 0;  ///< that have failed
    std::uint32_t losses = 0;    ///< workers that were lost with it
    std::string terms{};         ///< as write_terms() has them; empty: those of the server
};

/// What is kept of a background job that has ended well.
struct job_result {
    wall_time ended{};
    wall_time expires{};
    std::uint64_t bytes = 0;  ///< of the whole result; more than `data` has when that is too large to be kept
    shared_bytes data;
};

/// Why a background job has failed for good.
struct cause_of_death {
    wall_time died{};
    std::string_view reason;  ///< a sentence
    std::string worker;       ///< who had it last
    std::string_view log;     ///< the end of what that worker said of it
    shared_bytes exception;   ///< the data of WORK_EXCEPTION; empty when there was none
};

/// Names a request to bring jobs back from the store.
using load_ticket = std::uint64_t;

/// Names a question that the broker has asked its owner.
using service_ticket = std::uint64_t;

/// What the broker was asked by a peer and cannot answer: its owner does, later.
struct service_question {
    enum class about : std::uint8_t {
        result,   ///< how a job ended that is not here any more
        job,      ///< the same, for people
        letters,  ///< `text` says what is to be done with which dead letters
        run,      ///< what the run `id` ended with; `unique` takes it
        written,  ///< `text` is the answer, once all that came before it is kept
        queue,    ///< `text` says what is to be done with the store, or nothing: how much is kept
    };
    about what{};
    job_id id{};              ///< of the job; 0: the last one with `unique`
    std::string_view unique;  ///< valid during the call
    std::string_view text;    ///< valid during the call
};

/// The answer to one.
struct service_answer {
    enum class kind : std::uint8_t {
        text,       ///< `data` answers the question
        completed,  ///< the job `id` has ended well, with `data`
        failed,     ///< the job `id` has failed; `data` is its exception, if there is any
        refused,    ///< ERROR with `code` and `why`
    };
    kind what{};
    job_id id{};
    shared_bytes data{};
    std::string code{};
    std::string why{};
    std::string taker{};  ///< of the run `id`: who has its outcome for good
};

}  // namespace sheaf::broker
