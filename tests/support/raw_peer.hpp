// A peer on a plain blocking socket, with deadlines, that can say anything to a server: packets, lines and garbage.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <vector>

#include "protocol/encode.hpp"
#include "protocol/packet_type.hpp"
#include "sheaf/runtime/endpoint.hpp"
#include "support/deadline.hpp"
#include "support/process.hpp"

namespace sheaf::test {

/// A packet as it came, with memory of its own.
struct owned_packet {
    protocol::packet_type type{};
    std::vector<std::string> arguments;
    std::string data;
};

class raw_peer {
  public:
    explicit raw_peer(const endpoint& where) : socket_(where.is_unix() ? connect_unix(where) : connect_tcp(where)) {}

    [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }

    /// Sends all of `bytes`; throws when the server does not take them in time. False when it has closed the connection.
    bool try_send(std::string_view bytes, std::chrono::milliseconds limit = patience) const {
        const deadline until(limit);
        while (!bytes.empty()) {
            if (!until.wait(socket_.get(), POLLOUT)) throw peer_failure("the server does not read");
            const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (n < 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }
    void send(std::string_view bytes) const {
        if (!try_send(bytes)) throw peer_failure("the server has closed the connection");
    }
    /// Sends one packet: send<packet_type::can_do>("reverse").
    template <protocol::packet_type Type, class... Parts>
    void send(const Parts&... parts) const {
        protocol::output_buffer out;
        protocol::write_request<Type>(out, parts...);
        std::array<std::string_view, 16> pieces;
        const std::size_t count = out.gather(pieces);
        for (std::size_t i = 0; i < count; ++i) send(pieces[i]);
    }

    /// The next packet. Throws when none comes in time or the connection ends.
    owned_packet receive(std::chrono::milliseconds limit = patience) {
        const deadline until(limit);
        need(protocol::header_size, until);
        if (std::memcmp(input_.data(), "\0RES", 4) != 0)
            throw peer_failure("not a response packet: " + input_.substr(0, 12));
        const std::uint32_t type = number(4);
        const std::uint32_t size = number(8);
        if (!protocol::is_packet_type(type)) throw peer_failure("no such packet type: " + std::to_string(type));
        need(protocol::header_size + size, until);
        std::string body = input_.substr(protocol::header_size, size);
        input_.erase(0, protocol::header_size + size);
        return split(static_cast<protocol::packet_type>(type), std::move(body));
    }
    /// The next packet, which must be of type `wanted`.
    owned_packet expect(protocol::packet_type wanted, std::chrono::milliseconds limit = patience) {
        owned_packet got = receive(limit);
        if (got.type != wanted) throw peer_failure("expected " + name(wanted) + ", got " + describe(got));
        return got;
    }
    /// The next line of the text protocol, without its newline.
    std::string receive_line(std::chrono::milliseconds limit = patience) {
        const deadline until(limit);
        std::size_t end = 0;
        while ((end = input_.find('\n')) == std::string::npos) need(input_.size() + 1, until);
        std::string line = input_.substr(0, end);
        input_.erase(0, end + 1);
        return line;
    }
    /// Lines up to one that is just a dot.
    std::vector<std::string> receive_list(std::chrono::milliseconds limit = patience) {
        std::vector<std::string> lines;
        for (std::string line = receive_line(limit); line != "."; line = receive_line(limit)) lines.push_back(line);
        return lines;
    }
    /// What comes before `end`, which is dropped; or, if the server closes the connection first, before that. Which it was, `closed`
    /// says.
    std::string receive_up_to(std::string_view end, bool& closed, std::chrono::milliseconds limit = patience) {
        const deadline until(limit);
        std::size_t at = 0;
        while ((at = input_.find(end)) == std::string::npos) {
            if (!until.wait(socket_.get(), POLLIN)) throw peer_failure("the server did not answer in time");
            if (read_some()) continue;
            closed = true;
            return std::exchange(input_, {});
        }
        std::string before = input_.substr(0, at);
        input_.erase(0, at + end.size());
        return before;
    }
    /// Reads and drops what comes until the server closes the connection; false when it does not.
    [[nodiscard]] bool wait_closed(std::chrono::milliseconds limit = patience) {
        const deadline until(limit);
        while (until.wait(socket_.get(), POLLIN)) {
            if (!read_some()) return true;
        }
        return false;
    }

    void shutdown_write() const { ::shutdown(socket_.get(), SHUT_WR); }
    void close() { socket_.reset(); }
    /// Closes with a reset instead of an orderly end.
    void reset() {
        const linger at_once{1, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        socket_.reset();
    }

  private:
    static unique_fd connect_unix(const endpoint& where) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, where.path.data(), std::min(where.path.size(), sizeof address.sun_path - 1));
        unique_fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            throw_errno("connect to " + to_string(where));
        }
        return socket;
    }
    static unique_fd connect_tcp(const endpoint& where) {
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        if (::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found) != 0) {
            throw peer_failure("no such host: " + to_string(where));
        }
        unique_fd socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int failed = ::connect(socket.get(), found->ai_addr, found->ai_addrlen);
        ::freeaddrinfo(found);
        if (failed != 0) throw_errno("connect to " + to_string(where));
        // Small packets in a row must not wait for acknowledgements.
        const int on = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return socket;
    }

    static std::string name(protocol::packet_type type) { return std::string(protocol::info(type).name); }
    static std::string describe(const owned_packet& packet) {
        std::string text = name(packet.type);
        for (const auto& argument : packet.arguments) text += " \"" + argument + "\"";
        return text;
    }
    static owned_packet split(protocol::packet_type type, std::string body) {
        const auto& row = protocol::info(type);
        owned_packet packet{type, {}, {}};
        std::size_t at = 0;
        for (std::size_t i = 0; i < row.arguments; ++i) {
            const bool last = i + 1 == row.arguments && !row.has_data;
            const std::size_t end = last ? body.size() : body.find('\0', at);
            if (end == std::string::npos) throw peer_failure(name(type) + " lacks arguments");
            packet.arguments.push_back(body.substr(at, end - at));
            at = end + 1;
        }
        if (row.has_data) packet.data = body.substr(at);
        return packet;
    }

    [[nodiscard]] std::uint32_t number(std::size_t at) const {
        std::uint32_t value = 0;
        for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(input_[i]);
        return value;
    }
    void need(std::size_t bytes, const deadline& until) {
        while (input_.size() < bytes) {
            if (!until.wait(socket_.get(), POLLIN)) throw peer_failure("the server did not answer in time");
            if (!read_some()) throw peer_failure("the server closed the connection");
        }
    }
    bool read_some() {
        char block[65536];
        const ssize_t n = ::recv(socket_.get(), block, sizeof block, 0);
        if (n <= 0) return false;
        input_.append(block, static_cast<std::size_t>(n));
        return true;
    }

    unique_fd socket_;
    std::string input_;
};

}  // namespace sheaf::test
