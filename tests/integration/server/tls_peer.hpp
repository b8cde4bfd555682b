// A peer by TLS on a blocking socket, by OpenSSL alone: what the server makes of others' TLS, not of our own.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "support/certificates.hpp"
#include "support/raw_peer.hpp"

namespace sheaf::test {

using tls_context_ptr = std::unique_ptr<SSL_CTX, open_ssl_free<SSL_CTX, SSL_CTX_free>>;
using tls_session_ptr = std::unique_ptr<SSL, open_ssl_free<SSL, SSL_free>>;

/// The keys of many peers.
inline tls_context_ptr load_keys(const runtime::tls_options& keys) {
    tls_context_ptr made(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
    const bool loaded =
        SSL_CTX_load_verify_file(made.get(), keys.ca_file.c_str()) == 1 &&
        SSL_CTX_use_certificate_file(made.get(), keys.certificate_file.c_str(), SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_use_PrivateKey_file(made.get(), keys.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
    if (!loaded) throw peer_failure("the test's own keys cannot be loaded");
    return made;
}

class tls_peer {
  public:
    tls_peer(const endpoint& where, SSL_CTX* keys) : wire_(where), session_(SSL_new(keys)) {
        const timeval limit{patience.count() / 1000, 0};
        ::setsockopt(wire_.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        SSL_set_fd(session_.get(), wire_.descriptor());
        if (SSL_connect(session_.get()) != 1) throw peer_failure("the TLS handshake failed");
    }

    [[nodiscard]] raw_peer& wire() noexcept { return wire_; }

    /// Has the system keep as little as possible of what comes.
    void take_little() const {
        const int little = 32 * 1024;
        ::setsockopt(wire_.descriptor(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    }
    /// Takes a little of what has come, unread. Nothing can be received after that.
    void read_little() const {
        char some[1000];
        (void)!::recv(wire_.descriptor(), some, sizeof some, MSG_DONTWAIT);
    }
    void send(std::string_view bytes) {
        if (SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0)
            throw peer_failure("the server does not take what is sent by TLS");
    }
    /// `size` bytes.
    std::string receive(std::size_t size) {
        std::string all(size, '\0');
        for (std::size_t at = 0; at < size;) {
            const int n = SSL_read(session_.get(), all.data() + at, static_cast<int>(size - at));
            if (n <= 0) throw peer_failure("the server sends no more by TLS");
            at += static_cast<std::size_t>(n);
        }
        return all;
    }

  private:
    raw_peer wire_;
    tls_session_ptr session_;
};

}  // namespace sheaf::test
