// A job's handle is a prefix and the job's number, so that finding the job needs no search by text.
#pragma once

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/parse_number.hpp"
#include "broker/types.hpp"

namespace sheaf::broker {

/// Handles are shorter than this on the wire, as clients' buffers are.
inline constexpr std::size_t handle_size_max = 63;
/// What is left for the prefix when the number has 20 digits.
inline constexpr std::size_t handle_prefix_size_max = handle_size_max - 20;

/// The text of a handle, on the stack.
class handle_text {
  public:
    handle_text(std::string_view prefix, job_id job) noexcept {
        char* const digits = std::copy(prefix.begin(), prefix.end(), text_.data());
        end_ = std::to_chars(digits, text_.data() + text_.size(), job.value()).ptr;
    }
    handle_text(const handle_text&) = delete;
    handle_text& operator=(const handle_text&) = delete;

    operator std::string_view() const noexcept {  // NOLINT: it is a text
        return {text_.data(), static_cast<std::size_t>(end_ - text_.data())};
    }

  private:
    std::array<char, handle_size_max> text_;
    char* end_;
};

/// The number in `handle`, if it is one that `prefix` and a number make: no sign, no leading zero, nothing behind it.
[[nodiscard]] inline std::optional<job_id> parse_handle(std::string_view prefix, std::string_view handle) noexcept {
    if (!handle.starts_with(prefix)) return std::nullopt;
    handle.remove_prefix(prefix.size());
    if (handle.empty() || handle.front() == '0') return std::nullopt;
    const auto number = parse_number<job_id::number_type>(handle);
    if (!number) return std::nullopt;
    return job_id{*number};
}

}  // namespace sheaf::broker
