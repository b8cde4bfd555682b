// What surrounds arguments, results and failures in Gearman's packets. Not for users.
//
// All numbers are little-endian.
//   request  'S' 'F' version  flags  fingerprint u64  call u64  attempts u16  tried u16
//                                    attempt time-out in ms u32  heartbeat in ms u32  arguments
//   answer   'S' 'F' version  kind   result
//   notice   'S' 'N' version  kind   number u64 and a piece of a stream's result, or a sign of life, encoded; in WORK_DATA
//   failure  'S' 'X' version  0      the failure's members, encoded in the order in which failure.hpp declares them
// Version is 1. Flags are 1 for a pack (the arguments are as pack.hpp has them), 2 when the worker is to say at once that
// it begins, and 4 for a background job, whose attempts its server counts; an answer's kind is 0, or 1 of a pack; the fourth byte of a failure is 0 and must be.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sheaf/failure.hpp>
#include <sheaf/runtime/shared_bytes.hpp>

namespace sheaf::detail {

/// What a request says besides its arguments.
struct request_terms {
    std::uint64_t fingerprint = 0;  ///< of the task's schema, as the caller knows it
    std::uint64_t call = 0;         ///< random; names this attempt to whoever wants to cancel it. 0: its handle
                                    ///< does, as background_call() has it
    std::uint16_t attempts = 1;     ///< how often it may be tried
    std::uint16_t tried = 0;        ///< attempts at the call that were made before, as other jobs
    std::chrono::milliseconds attempt_timeout{0};  ///< call_options::attempt_timeout; 0: none
    std::chrono::milliseconds heartbeat{0};        ///< call_options::heartbeat; 0: none
    bool pack = false;                             ///< the arguments are those of several calls
    bool announce = false;                         ///< the worker is to give a sign of life as soon as it begins
    bool background = false;                       ///< its name is background_call() of its handle, and not `call`
};

struct request_view : request_terms {
    std::string_view arguments;  ///< within the bytes that were read
};

/// Times that do not fit (49 days) are shortened to what does.
[[nodiscard]] shared_bytes write_request(const request_terms& terms, std::string_view arguments);
/// Refuses, as malformed, what is no request or one that this version cannot serve.
[[nodiscard]] result<request_view> read_request(std::string_view bytes);

/// What a worker says while a handler runs.
struct sign_of_life {
    std::string control;   ///< the Gearman function under which the worker takes orders about what it runs
    unsigned attempt = 0;  ///< which attempt it is, from 1
};
struct notice {
    std::optional<shared_bytes> chunk;  ///< a piece of a stream's result; without one it is only `alive`
    std::uint64_t number = 0;           ///< of the chunk, from 0
    sign_of_life alive;
};
/// `number` counts the chunks that one run of the handler has sent: who is told 0 again knows that it was begun anew.
[[nodiscard]] shared_bytes write_chunk(std::uint64_t number, std::string_view encoded);
[[nodiscard]] shared_bytes write_sign_of_life(const sign_of_life& alive);
[[nodiscard]] result<notice> read_notice(const shared_bytes& bytes);

[[nodiscard]] shared_bytes write_answer(std::string_view encoded_result, bool pack = false);
/// The encoded result within `bytes`, sharing their memory. Refuses an answer to a pack unless that was asked for, and the
/// reverse.
[[nodiscard]] result<shared_bytes> read_answer(const shared_bytes& bytes, bool pack = false);

/// Texts are shortened to a few thousand bytes each, and causes to a few.
[[nodiscard]] shared_bytes write_failure(const failure& why);
/// Never fails: what is no failure report (a worker in another language, say) is a remote exception with the bytes as text.
[[nodiscard]] failure read_failure(std::string_view bytes);

}  // namespace sheaf::detail
