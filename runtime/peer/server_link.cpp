#include "peer/server_link.hpp"

#include <algorithm>
#include <utility>

namespace sheaf::peer {

server_link::server_link(std::string name, const link_options& how)
    : name_(std::move(name)),
      pause_(how.backoff_min, how.backoff_max),
      half_silence_(std::max(how.keepalive_silence, std::chrono::milliseconds{2}) / 2),
      ping_timeout_(how.keepalive_timeout) {}

void server_link::connecting() noexcept { phase_ = phase_ == phase::down ? phase::retrying : phase::connecting; }

void server_link::connected(time_point) noexcept {
    phase_ = phase::connected;
    check_at_ = never;
    heard_ = quiet_ = pinged_ = proven_ = false;
}

// A server that accepts and then drops us at once must not be called again and again without a pause: only one that has
// answered something starts the series anew.
void server_link::lost(error why, time_point now, const random_source& random) {
    if (phase_ == phase::connected && proven_) pause_.reset();
    phase_ = phase::down;
    last_error_ = std::move(why);
    retry_at_ = now + pause_.next(random);
    check_at_ = never;
}

// Silence is looked at twice per period, so that a packet costs a flag and no clock.
server_link::advice server_link::check_life(bool busy, time_point now) noexcept {
    if (phase_ != phase::connected || now < check_at_) return advice::nothing;
    if (heard_ || !busy) {
        heard_ = quiet_ = pinged_ = false;
        check_at_ = busy ? now + half_silence_ : never;
        return advice::nothing;
    }
    if (pinged_) return advice::give_up;
    if (!quiet_) {
        quiet_ = true;
        check_at_ = now + half_silence_;
        return advice::nothing;
    }
    pinged_ = true;
    check_at_ = now + ping_timeout_;
    return advice::ping;
}

time_point server_link::next_deadline(bool busy) const noexcept {
    if (phase_ == phase::down) return retry_at_;
    return phase_ == phase::connected && busy ? check_at_ : never;
}

}  // namespace sheaf::peer
