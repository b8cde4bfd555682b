// How failures of JSON tasks look on the wire:
//
//     {"error":{"type":"unreadable","what":"no such file","data":{"err":2},"code":"remote_exception","worker":"host/7"}}
//
// `type` is the declared name of the exception, if the task declares it, and `data` its fields. Of what others send, only
// `error` is asked for, and its members are optional: type, what, code, worker and task texts, attempt and signal numbers,
// causes an array of texts, and whatever else is not looked at.
#pragma once

#include <span>
#include <string_view>

#include <sheaf/failure.hpp>
#include <sheaf/runtime/shared_bytes.hpp>

namespace sheaf::detail {

/// Texts that are not UTF-8 are mended, and long ones shortened.
[[nodiscard]] shared_bytes write_json_failure(const failure& why);

/// Whether an answer is a failure: workers that cannot send WORK_EXCEPTION complete the job with one.
[[nodiscard]] bool is_json_failure(std::string_view answer) noexcept;

/// Never fails: what is no such object is a remote exception with the bytes as text. A type among `names` becomes the
/// failure's typed_index; another one a part of the message.
[[nodiscard]] failure read_json_failure(std::string_view bytes, std::span<const std::string_view> names);

}  // namespace sheaf::detail
