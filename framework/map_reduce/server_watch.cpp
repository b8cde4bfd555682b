#include "map_reduce/server_watch.hpp"

#include <algorithm>
#include <utility>

namespace sheaf::detail {
namespace {

using std::chrono::milliseconds;

// A server that is restarted is back before anybody needs to hear of it.
constexpr milliseconds told_after{3000};
constexpr milliseconds asked_every{500};
// So that times can be added: whoever says more means for ever.
constexpr milliseconds patience_max = std::chrono::hours(24 * 365);

}  // namespace

server_watch::server_watch(milliseconds patience) : patience_(std::clamp(patience, milliseconds(0), patience_max)) {}

void server_watch::note_trouble(time_point now) {
    if (state_ != state::well && state_ != state::back) return;
    if (state_ == state::well) told_ = false;
    state_ = state::doubtful;
    since_ = ask_.emplace(now);
}

void server_watch::note_answer(bool some, std::string why, time_point now) {
    why_ = std::move(why);
    if (!some) {
        state_ = state::away;
        ask_ = now + asked_every;
        return;
    }
    ask_.reset();
    state_ = told_ ? state::back : state::well;
}

server_watch::advice server_watch::next(time_point now) {
    if (state_ == state::back) {
        state_ = state::well;
        return advice::say_back;
    }
    if (state_ == state::away && now - since_ >= patience_) {
        state_ = state::well;
        ask_.reset();
        return advice::give_up;
    }
    if (state_ == state::away && !told_ && now >= told_at()) {
        told_ = true;
        return advice::say_lost;
    }
    if (ask_ && now >= *ask_) {
        ask_.reset();
        return advice::ask;
    }
    return advice::nothing;
}

std::optional<server_watch::time_point> server_watch::next_deadline() const {
    std::optional<time_point> first = ask_;
    if (state_ != state::away) return first;
    time_point due = since_ + patience_;
    if (!told_) due = std::min(due, told_at());
    return first ? std::min(*first, due) : due;
}

server_watch::time_point server_watch::told_at() const { return since_ + told_after; }

milliseconds server_watch::away_for(time_point now) const {
    return std::chrono::duration_cast<milliseconds>(now - since_);
}

milliseconds server_watch::time_left(time_point now) const {
    return std::max(milliseconds(0), patience_ - away_for(now));
}

}  // namespace sheaf::detail
