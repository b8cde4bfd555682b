// What surrounds arguments, results and failures in Gearman's packets. Not for users.
//
// All numbers are little-endian.
//   request  'S' 'F' version  flags  fingerprint u64  attempts u16  attempt time-out in ms u32  arguments
//   answer   'S' 'F' version  kind   result
//   failure  'S' 'X' version  0      the failure's members, encoded in the order in which failure.hpp declares them
// Version is 1; flags, kind and the fourth byte of a failure are 0 and must be.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include <sheaf/failure.hpp>
#include <sheaf/runtime/shared_bytes.hpp>

namespace sheaf::detail {

/// What a request says besides its arguments.
struct request_terms {
    std::uint64_t fingerprint = 0;                 ///< of the task's schema, as the caller knows it
    std::uint16_t attempts = 1;                    ///< call_options::attempts
    std::chrono::milliseconds attempt_timeout{0};  ///< call_options::attempt_timeout; 0: none
};

struct request_view : request_terms {
    std::string_view arguments;  ///< within the bytes that were read
};

/// Attempt time-outs that do not fit (49 days) are shortened to what does.
[[nodiscard]] shared_bytes write_request(const request_terms& terms, std::string_view arguments);
/// Refuses, as malformed, what is no request or one that this version cannot serve.
[[nodiscard]] result<request_view> read_request(std::string_view bytes);

[[nodiscard]] shared_bytes write_answer(std::string_view encoded_result);
/// The encoded result within `bytes`, sharing their memory.
[[nodiscard]] result<shared_bytes> read_answer(const shared_bytes& bytes);

/// Texts are shortened to a few thousand bytes each, and causes to a few.
[[nodiscard]] shared_bytes write_failure(const failure& why);
/// Never fails: what is no failure report (a worker in another language, say) is a remote exception with the bytes as text.
[[nodiscard]] failure read_failure(std::string_view bytes);

}  // namespace sheaf::detail
