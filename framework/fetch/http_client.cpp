#include "fetch/http_client.hpp"

#include <algorithm>
#include <condition_variable>
#include <random>
#include <thread>
#include <utility>

#include "fetch/fetch_failure.hpp"
#include "fetch/retry_pace.hpp"

namespace sheaf::fetch {
namespace {

// Servers close what is idle for longer; ours do after a minute.
constexpr std::chrono::seconds idle_max{20};
constexpr std::size_t idle_connections_max = 8;

constexpr std::size_t ahead_bytes_max = std::size_t{32} << 20;  // by all readers
constexpr std::size_t window_bytes_min = std::size_t{64} << 10;
constexpr std::size_t window_bytes_max = std::size_t{1} << 20;

std::string server_of(const url& to) { return (to.secure ? "s " : "p ") + authority(to); }

void pause_for(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::mutex door;
    std::condition_variable_any never;
    std::unique_lock held(door);
    never.wait_for(held, stop, time, [] { return false; });
}

double chance() {
    thread_local std::minstd_rand source(std::random_device{}());
    return std::uniform_real_distribution<double>(0, 1)(source);
}

// The body of an answer that only its head matters of, unless it is long.
bool drain(http_connection& from, const transport_terms& terms) {
    char ignored[4096];
    for (int reads = 0; reads < 16; ++reads) {
        if (from.read_body(ignored, terms) == 0) return true;
    }
    return false;
}

}  // namespace

http_client::borrowed http_client::borrow(const url& to, const transport_terms& terms) {
    const auto now = std::chrono::steady_clock::now();
    for (;;) {
        idle found;
        {
            const std::lock_guard held(door_);
            auto& kept = idle_[server_of(to)];
            if (kept.empty()) break;
            found = std::move(kept.back());
            kept.pop_back();
        }
        if (now - found.since < idle_max && found.connection->may_ask_again())
            return {std::move(found.connection), true};
    }
    return {std::make_unique<http_connection>(to, terms), false};
}

void http_client::give_back(const url& to, std::unique_ptr<http_connection> connection) {
    if (!connection->may_ask_again()) return;
    const std::lock_guard held(door_);
    auto& kept = idle_[server_of(to)];
    if (kept.size() < idle_connections_max) kept.push_back({std::move(connection), std::chrono::steady_clock::now()});
}

http_answer http_client::ask(std::string_view method, const url& what, const header_list& headers,
                             const transport_terms& terms, unsigned attempts_max) {
    http_answer answer;
    retry_pace pace(attempts_max);
    const auto attempt = [&] {
        borrowed with = borrow(what, terms);
        answer = with.connection->ask(method, what, headers, terms);
        if (drain(*with.connection, terms)) give_back(what, std::move(with.connection));
        if (answer.status >= 500) {
            throw fetch_failure(fetch_failure::kind::passing,
                                "the server answers with status " + std::to_string(answer.status) +
                                    (answer.problem.empty() ? "" : ": " + answer.problem));
        }
    };
    with_retries(attempt, pace, terms.stop);
    return answer;
}

std::size_t http_client::window_bytes() const {
    const std::lock_guard held(door_);
    return std::clamp(ahead_bytes_max / (2 * std::max<std::size_t>(readers_, 1)), window_bytes_min, window_bytes_max);
}

void http_client::add_readers(int count) {
    const std::lock_guard held(door_);
    readers_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(readers_) + count);
}

void with_retries(const std::function<void()>& attempt, retry_pace& pace, const std::stop_token& stop) {
    for (;;) {
        try {
            return attempt();
        } catch (const fetch_failure& why) {
            if (!why.may_pass()) throw;
            const bool refused = why.which() == fetch_failure::kind::refused;
            const auto pause = refused ? pace.on_refusal(chance()) : pace.on_failure(chance());
            if (!pause) throw;
            pause_for(*pause, stop);
            if (stop.stop_requested())
                throw fetch_failure(fetch_failure::kind::cancelled, "the attempt was told to stop");
        }
    }
}

}  // namespace sheaf::fetch
