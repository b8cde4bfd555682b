#include "support/fault_proxy.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <random>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace sheaf::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using way = fault_proxy::way;

constexpr auto told = asio::as_tuple(asio::use_awaitable);

/// A client's connection and ours to the server.
struct link {
    explicit link(asio::io_context& in) : client(in), server(in), news(in) { news.expires_at(never); }

    static constexpr auto never = std::chrono::steady_clock::time_point::max();

    [[nodiscard]] tcp::socket& from(way which) { return which == way::to_server ? client : server; }
    [[nodiscard]] tcp::socket& to(way which) { return which == way::to_server ? server : client; }
    /// Wakes those who wait for other conditions.
    void wake() { news.cancel(); }
    void reset() {
        boost::system::error_code ignored;
        for (tcp::socket* one : {&client, &server}) {
            one->set_option(asio::socket_base::linger(true, 0), ignored);
            one->close(ignored);
        }
        wake();
    }

    tcp::socket client;
    tcp::socket server;
    asio::steady_timer news;
    std::array<bool, 2> ended{};  // by way
    std::array<bool, 2> lost{};   // whether something is missing in what was passed on: nothing may follow it
    std::array<bool, 2> resets_within_next{};
    std::array<bool, 2> corrupts_next{};
};

std::size_t index(way which) { return static_cast<std::size_t>(which); }

}  // namespace

class fault_proxy::engine {
  public:
    engine(endpoint server, std::uint64_t seed)
        : server_(std::move(server)), random_(seed), acceptor_(context_, {asio::ip::address_v4::loopback(), 0}) {
        where_ = {"127.0.0.1", acceptor_.local_endpoint().port(), {}};
        asio::co_spawn(context_, accept(), asio::detached);
        thread_ = std::thread([this] { context_.run(); });
    }
    ~engine() {
        context_.stop();
        thread_.join();
    }
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    [[nodiscard]] const endpoint& where() const noexcept { return where_; }

    /// Runs `what` between the turns of the proxy, and waits for it.
    template <class Action>
    void at_once(Action what) {
        std::promise<void> done;
        asio::post(context_, [&] {
            what();
            done.set_value();
        });
        done.get_future().wait();
    }
    void lead_to(endpoint server) { server_ = std::move(server); }
    void set(way which, const conditions& what) {
        conditions_.at(index(which)) = what;
        for_each([](link& one) { one.wake(); });
    }
    template <class Action>
    void for_each(const Action& what) {
        for (const auto& one : links_) what(*one);
    }
    void cut(link& one) {
        if (!one.client.is_open()) return;
        one.reset();
        ++count_.reset;
    }
    [[nodiscard]] tally count() const {
        tally now = count_;
        now.open = static_cast<std::size_t>(
            std::ranges::count_if(links_, [](const auto& one) { return one->client.is_open(); }));
        return now;
    }

  private:
    asio::awaitable<void> accept() {
        for (;;) {
            auto made = std::make_shared<link>(context_);
            if (auto [fault] = co_await acceptor_.async_accept(made->client, told); fault) co_return;
            ++count_.connections;
            asio::co_spawn(context_, join(std::move(made)), asio::detached);
        }
    }
    asio::awaitable<void> join(std::shared_ptr<link> one) {
        const tcp::endpoint to{asio::ip::make_address(server_.host), server_.port};
        if (auto [fault] = co_await one->server.async_connect(to, told); fault) co_return one->reset();
        one->client.set_option(tcp::no_delay(true));
        one->server.set_option(tcp::no_delay(true));
        std::erase_if(links_, [](const auto& other) { return !other->client.is_open(); });
        links_.push_back(one);
        asio::co_spawn(context_, carry(one, way::to_server), asio::detached);
        asio::co_spawn(context_, carry(one, way::to_client), asio::detached);
    }

    // What comes is passed on until somebody ends the connection.
    asio::awaitable<void> carry(std::shared_ptr<link> one, way which) {
        std::array<char, 16384> block;
        for (;;) {
            co_await wait_while_stalled(*one, which);
            auto [fault, size] = co_await one->from(which).async_read_some(asio::buffer(block), told);
            if (fault == asio::error::eof) break;
            if (fault || !co_await treat(*one, which, {block.data(), size})) co_return one->reset();
        }
        finish(*one, which);
    }
    asio::awaitable<bool> treat(link& one, way which, std::span<char> piece) {
        co_await wait_while_stalled(one, which);
        const conditions how = conditions_.at(index(which));
        auto pause = how.delay;
        if (how.bytes_per_second != 0) {
            pause += std::chrono::milliseconds(1000 * piece.size() / how.bytes_per_second);
        }
        if (pause.count() != 0) {
            asio::steady_timer rest(context_, pause);
            (void)co_await rest.async_wait(told);
        }
        one.lost.at(index(which)) |= how.dropped;
        if (one.lost.at(index(which)) || one.ended.at(index(which))) co_return true;
        if (std::exchange(one.corrupts_next.at(index(which)), false) || random_() % 1000 < how.corrupted) spoil(piece);
        const bool cuts = std::exchange(one.resets_within_next.at(index(which)), false);
        if (cuts) piece = piece.first(piece.size() / 2 + random_() % (piece.size() - piece.size() / 2));
        const auto [fault, passed] = co_await asio::async_write(one.to(which), asio::buffer(piece), told);
        count_.passed += passed;
        if (cuts) cut(one);
        co_return !fault && !cuts;
    }
    asio::awaitable<void> wait_while_stalled(link& one, way which) {
        while (conditions_.at(index(which)).stalled && one.client.is_open()) (void)co_await one.news.async_wait(told);
    }
    void spoil(std::span<char> piece) {
        char& hit = piece[random_() % piece.size()];
        hit = static_cast<char>(hit ^ static_cast<char>(1U << random_() % 8));
        ++count_.corrupted;
    }

  public:
    /// One way has come to its end, orderly; when both have, so has the connection.
    static void finish(link& one, way which) {
        boost::system::error_code ignored;
        one.to(which).shutdown(tcp::socket::shutdown_send, ignored);
        one.ended.at(index(which)) = true;
        if (!one.ended[0] || !one.ended[1]) return;
        one.client.close(ignored);
        one.server.close(ignored);
    }

  private:
    asio::io_context context_{1};
    endpoint server_;
    endpoint where_;
    std::mt19937_64 random_;
    tcp::acceptor acceptor_;
    std::array<conditions, 2> conditions_{};
    std::vector<std::shared_ptr<link>> links_;
    tally count_;
    std::thread thread_;
};

fault_proxy::fault_proxy(endpoint server, std::uint64_t seed)
    : engine_(std::make_unique<engine>(std::move(server), seed)) {}

fault_proxy::~fault_proxy() = default;

const endpoint& fault_proxy::where() const noexcept { return engine_->where(); }

void fault_proxy::lead_to(endpoint server) {
    engine_->at_once([&] { engine_->lead_to(std::move(server)); });
}

void fault_proxy::set(way which, const conditions& what) {
    engine_->at_once([&] { engine_->set(which, what); });
}

void fault_proxy::heal() {
    for (const way which : {way::to_server, way::to_client}) set(which, {});
}

void fault_proxy::reset_all() {
    engine_->at_once([&] { engine_->for_each([&](link& one) { engine_->cut(one); }); });
}

void fault_proxy::reset_within_next(way which) {
    engine_->at_once([&] { engine_->for_each([&](link& one) { one.resets_within_next.at(index(which)) = true; }); });
}

void fault_proxy::corrupt_next(way which) {
    engine_->at_once([&] { engine_->for_each([&](link& one) { one.corrupts_next.at(index(which)) = true; }); });
}

void fault_proxy::half_close(way which) {
    engine_->at_once([&] { engine_->for_each([&](link& one) { engine::finish(one, which); }); });
}

fault_proxy::tally fault_proxy::count() const {
    tally now;
    engine_->at_once([&] { now = engine_->count(); });
    return now;
}

}  // namespace sheaf::test
