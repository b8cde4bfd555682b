#include "broker/status.hpp"

#include <charconv>

#include "broker/absentees.hpp"
#include "broker/limits.hpp"
#include "broker/reply.hpp"

namespace sheaf::broker {
namespace {

using enum protocol::packet_type;

class decimal {
  public:
    explicit decimal(std::uint32_t value) noexcept
        : end_(std::to_chars(text_.data(), text_.data() + text_.size(), value).ptr) {}
    operator std::string_view() const noexcept {  // NOLINT: it is a text
        return {text_.data(), static_cast<std::size_t>(end_ - text_.data())};
    }

  private:
    std::array<char, 10> text_{};
    const char* end_;
};

struct job_status {
    bool known = false;
    bool is_running = false;
    std::uint32_t numerator = 0;
    std::uint32_t denominator = 0;
    std::uint32_t clients = 0;
};

job_status status_of(const world& w, slot at) {
    job_status status;
    if (at == no_slot) return status;
    status.known = true;
    if (is_discarded(w.jobs[at])) {  // its handler is still at work, though for nobody
        status.is_running = true;
        return status;
    }
    status.clients = w.jobs[at].clients;
    if (const auto* const run = std::get_if<running>(&w.jobs[at].phase)) {
        status.is_running = true;
        status.numerator = run->numerator;
        status.denominator = run->denominator;
    }
    return status;
}

std::string_view flag(bool value) { return value ? "1" : "0"; }

}  // namespace

void on_get_status(world& w, connection_id from, std::string_view handle) {
    if (handle.size() > handle_size_max) return send_too_large(w, from, "handle", handle_size_max);
    job_status s = status_of(w, w.find_handle(handle));
    if (const auto id = parse_handle(w.how.handle_prefix, handle); id && w.absent.find(*id)) s.known = true;
    send<status_res>(w, from, handle, flag(s.known), flag(s.is_running), decimal(s.numerator), decimal(s.denominator));
}

void on_get_status_unique(world& w, connection_id from, std::string_view unique) {
    if (unique.size() > unique_size_max) return send_too_large(w, from, "unique key", unique_size_max);
    slot at = w.jobs.find_unique(unique);
    const auto absent = at == no_slot ? find_absent_unique(w, unique) : std::nullopt;
    if (absent) at = w.jobs.find(*absent);  // it may be hollow
    job_status s = status_of(w, at);
    if (absent) s.known = true;
    send<status_res_unique>(w, from, unique, flag(s.known), flag(s.is_running), decimal(s.numerator),
                            decimal(s.denominator), decimal(s.clients));
}

}  // namespace sheaf::broker
