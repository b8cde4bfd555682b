#include "peer/link_set.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.hpp"

namespace sheaf::peer {
namespace {

// A row of `workers` names all functions of one worker; as long as a frame_reader takes.
constexpr std::size_t admin_line_bytes_max = protocol::frame_reader::scratch_bytes_min / 2;

}  // namespace

// The handler of one connection. It keeps itself alive until the connection has ended, and is silent once released.
class link_set::one_link : public net::connection_handler, public std::enable_shared_from_this<one_link> {
  public:
    one_link(link_set& owner, std::size_t server) : owner_(owner), server_(server) {}

    void open(net::loop& where, net::stream_socket socket, const net::connection_options& how) {
        self_ = shared_from_this();
        connection_ = std::make_shared<net::connection>(where, std::move(socket), *this, how);
        is_connected_ = connection_->is_secured();
        connection_->start();
    }

    [[nodiscard]] bool is_connected() const noexcept { return is_connected_; }

    [[nodiscard]] net::connection& stream() noexcept { return *connection_; }
    /// The owner wants to hear no more.
    void release() noexcept { heard_ = false; }

    void on_secured(net::connection&) override {
        is_connected_ = true;
        if (heard_) owner_.events_.on_connected(server_);
    }
    void on_packet(net::connection&, const protocol::packet_view& packet) override {
        if (heard_) owner_.events_.on_packet(server_, packet);
    }
    void on_line(net::connection&, std::string_view line) override {
        if (heard_) owner_.events_.on_line(server_, line);
    }
    void on_closed(net::connection&, const error& why) override {
        const auto last = std::move(self_);
        ++owner_.gone_;
        if (!std::exchange(heard_, false)) return owner_.events_.on_released();
        owner_.servers_[server_].link.reset();
        if (is_connected_) {
            owner_.events_.on_lost(server_, why);
        } else {
            owner_.events_.on_connect_failed(
                server_, {why.code, "no TLS with " + to_string(owner_.servers_[server_].where) + ": " + why.message});
        }
    }

  private:
    link_set& owner_;
    std::size_t server_;
    std::shared_ptr<net::connection> connection_;
    std::shared_ptr<one_link> self_;
    bool heard_ = true;
    bool is_connected_ = false;  ///< the TLS handshake is done, where there is one
};

std::shared_ptr<const net::tls_context> tls_for(const std::vector<endpoint>& servers, const runtime::tls_options& how) {
    if (std::ranges::none_of(servers, &endpoint::tls)) return nullptr;
    return std::make_shared<net::tls_context>(net::tls_context::side::client, runtime::with_client_environment(how));
}

link_set::link_set(net::loop& where, std::vector<endpoint> servers, std::chrono::milliseconds connect_timeout,
                   std::uint32_t message_bytes_max, std::shared_ptr<const net::tls_context> tls, link_events& events)
    : loop_(where),
      connect_timeout_(connect_timeout),
      message_bytes_max_(message_bytes_max),
      tls_(std::move(tls)),
      events_(events) {
    servers_.reserve(servers.size());
    for (endpoint& where_it_is : servers) servers_.push_back({std::move(where_it_is), nullptr, nullptr});
}

link_set::~link_set() { SHEAF_ASSERT(all_gone(), "connections have ended before what hears of them is destroyed"); }

void link_set::connect(std::size_t server) {
    place& here = servers_.at(server);
    SHEAF_ASSERT(here.link == nullptr, "a server is connected once at a time");
    here.attempt = std::make_unique<net::connector>(
        loop_, here.where, connect_timeout_,
        [this, server](basic_result<net::stream_socket> outcome) { opened(server, std::move(outcome)); });
}

void link_set::opened(std::size_t server, basic_result<net::stream_socket> outcome) {
    place& here = servers_[server];
    // The attempt is running this very call: it must not be destroyed by what follows.
    const auto attempt = std::move(here.attempt);
    if (!outcome) return events_.on_connect_failed(server, outcome.error());
    net::connection_options how;
    how.frames.body_bytes_max = message_bytes_max_;
    how.frames.line_bytes_max = admin_line_bytes_max;
    // What waits to be sent is our own user's: he decides how much that may be.
    how.output_bytes_max = std::numeric_limits<std::size_t>::max();
    if (here.where.tls) how.tls = tls_;
    how.host = here.where.host;
    here.link = std::make_shared<one_link>(*this, server);
    ++connections_made_;
    here.link->open(loop_, std::move(*outcome), how);
    if (here.link->is_connected()) events_.on_connected(server);
}

protocol::output_buffer& link_set::output(std::size_t server) {
    SHEAF_ASSERT(servers_[server].link != nullptr, "only a connected server is written to");
    return servers_[server].link->stream().output();
}

std::size_t link_set::unsent_bytes() {
    std::size_t most = 0;
    for (const place& here : servers_) {
        if (here.link != nullptr) most = std::max(most, here.link->stream().output().size());
    }
    return most;
}

void link_set::close(std::size_t server, const error& why) {
    place& here = servers_.at(server);
    here.attempt.reset();
    if (here.link == nullptr) return;
    const auto link = std::move(here.link);
    link->release();
    link->stream().close(why);
}

void link_set::close_all_after_flush() {
    for (place& here : servers_) {
        here.attempt.reset();
        if (here.link == nullptr) continue;
        const auto link = std::move(here.link);
        link->release();
        link->stream().close_after_flush("this side has ended the connection");
        closing_.push_back(link);
    }
}

void link_set::abandon() {
    for (const auto& closing : closing_) {
        if (const auto link = closing.lock())
            link->stream().close({errc::connection_lost, "this side did not wait any longer"});
    }
    closing_.clear();
}

}  // namespace sheaf::peer
