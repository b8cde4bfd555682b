#include "sheaf/runtime/error.hpp"

#include <array>

namespace sheaf {
namespace {

constexpr std::array<std::string_view, 24> names = {
    "ok",           "invalid_argument", "connection_failed", "connection_lost", "timeout",     "cancelled",
    "job_failed",   "remote_exception", "worker_lost",       "schema_mismatch", "malformed",   "protocol_error",
    "queue_full",   "not_supported",    "no_worker",         "io_error",        "too_large",   "shutting_down",
    "server_error", "internal",         "would_deadlock",    "incomplete",      "unknown_job", "result_gone"};
static_assert(names.size() == static_cast<std::size_t>(errc::result_gone) + 1);

class category final : public std::error_category {
  public:
    [[nodiscard]] const char* name() const noexcept override { return "sheaf"; }
    [[nodiscard]] std::string message(int value) const override {
        return std::string(to_string(static_cast<errc>(value)));
    }
};

}  // namespace

std::string_view to_string(errc code) noexcept {
    const auto index = static_cast<std::size_t>(code);
    return index < names.size() ? names[index] : "unknown";
}

const std::error_category& error_category() noexcept {
    static const category instance;
    return instance;
}

std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), error_category()}; }

runtime_failure::runtime_failure(const error& why) : std::system_error(make_error_code(why.code), why.message) {}

}  // namespace sheaf
