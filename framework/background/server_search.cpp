#include "background/server_search.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace sheaf::detail {

// ---- What they have said.

void asked_servers::has_it(std::size_t server, std::string answer) {
    said_[server] = {word::yes, std::move(answer), {}};
}

void asked_servers::has_it_not(std::size_t server, std::string answer) {
    said_[server] = {word::no, std::move(answer), {}};
}

void asked_servers::is_of_another_make(std::size_t server, error why) {
    said_[server] = {word::no, {}, std::move(why)};
}

void asked_servers::cannot_say(std::size_t server, error why) { said_[server] = {word::silence, {}, std::move(why)}; }

std::optional<std::size_t> asked_servers::owner() const noexcept {
    const auto found = std::ranges::find(said_, word::yes, &said::what);
    if (found == said_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - said_.begin());
}

bool asked_servers::is_settled() const noexcept {
    return owner() || std::ranges::find(said_, word::nothing, &said::what) == said_.end();
}

bool asked_servers::denied_by_all() const noexcept {
    return std::ranges::all_of(
        said_, [](word what) { return what == word::no; }, &said::what);
}

basic_result<std::string> asked_servers::answer_of(std::size_t server) const {
    const said& one = said_[server];
    if (one.answer.empty() && !one.why.message.empty()) return one.why;
    return one.answer;
}

error asked_servers::silence() const {
    const auto first = std::ranges::find(said_, word::silence, &said::what);
    SHEAF_ASSERT(first != said_.end(), "somebody could not say");
    if (said_.size() == 1) return first->why;
    const bool all = std::ranges::all_of(
        said_, [](word what) { return what == word::silence; }, &said::what);
    error why{first->why.code, all ? "no server has answered: "
                                   : "it is at none of the servers that answer, and may be at one that does not: "};
    for (const said& one : said_) {
        if (one.what != word::silence) continue;
        if (&one != &*first) why.message += "; ";
        why.message += one.why.message;
    }
    return why;
}

// ---- Asking them.

namespace {

/// Hears all answers; waited for by one thread.
class answers final : public runtime::job_listener {
  public:
    answers(std::size_t servers, bool (*has_it)(std::string_view)) : has_it_(has_it), said_(servers) {}

    void on_end(std::uint64_t server, runtime::job_end end) override {
        const std::lock_guard lock(mutex_);
        take(static_cast<std::size_t>(server), std::move(end));
        if (said_.is_settled()) settled_.notify_one();
    }
    std::optional<asked_servers> wait(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        if (!settled_.wait(lock, stop, [this] { return said_.is_settled(); })) return std::nullopt;
        return said_;
    }

  private:
    void take(std::size_t server, runtime::job_end end) {
        using kind = runtime::job_end::kind;
        if (end.how == kind::complete) {
            std::string answer(end.data.view());
            return has_it_(answer) ? said_.has_it(server, std::move(answer))
                                   : said_.has_it_not(server, std::move(answer));
        }
        if (end.how != kind::not_run) {
            return said_.cannot_say(server, {errc::server_error, "a server has ended the question without an answer"});
        }
        if (end.why.code == errc::not_supported) return said_.is_of_another_make(server, std::move(end.why));
        said_.cannot_say(server, std::move(end.why));
    }

    bool (*const has_it_)(std::string_view);
    std::mutex mutex_;
    std::condition_variable_any settled_;
    asked_servers said_;
};

runtime::job_request question_to(std::size_t server, const server_question& what) {
    runtime::job_request asked;
    asked.function = what.function;
    asked.payload = shared_bytes(what.payload);
    asked.deadline = what.deadline;
    asked.resubmit = true;
    asked.of_server = true;
    asked.server = server;
    if (what.only_needed && *what.only_needed != server) {
        asked.only_if_there = true;
        asked.deadline = std::min(what.others_deadline, what.deadline.value_or(what.others_deadline));
    }
    return asked;
}

}  // namespace

std::optional<asked_servers> search_servers(runtime::client& through, const server_question& what,
                                            const std::stop_token& stop) {
    const std::size_t servers = through.servers().size();
    const auto hears = std::make_shared<answers>(servers, what.has_it);
    std::vector<runtime::call_id> asked;
    for (std::size_t i = 0; i < servers; ++i) asked.push_back(through.submit(question_to(i, what), hears, i));
    auto said = hears->wait(stop);
    for (const runtime::call_id one : asked) through.cancel(one);
    return said;
}

}  // namespace sheaf::detail
