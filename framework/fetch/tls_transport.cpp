#include "fetch/tls_transport.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <climits>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <utility>

#include "fetch/fetch_failure.hpp"
#include "net/open_ssl.hpp"

namespace sheaf::fetch {
namespace {

using kind = fetch_failure::kind;
using net::open_ssl;

std::string last_error(const open_ssl& ssl) {
    const unsigned long code = ssl.ERR_get_error();
    if (code == 0) return "the connection broke";
    const char* const text = ssl.ERR_reason_error_string(code);
    return text != nullptr ? text : "no reason is known";
}

const open_ssl& library() {
    try {
        return net::load_open_ssl();
    } catch (const runtime_failure& missing) {
        throw fetch_failure(kind::permanent, std::string("https: ") + missing.what());
    }
}

bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> ignored{};
    return ::inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

// OpenSSL writes to sockets in a way that raises SIGPIPE when the peer has gone, and the process may not ignore it.
class without_sigpipe {
  public:
    without_sigpipe() {
        ::sigemptyset(&pipe_);
        ::sigaddset(&pipe_, SIGPIPE);
        sigset_t waiting;
        ::sigpending(&waiting);
        was_waiting_ = ::sigismember(&waiting, SIGPIPE) == 1;
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~without_sigpipe() {
        const timespec at_once{};
        if (!was_waiting_) ::sigtimedwait(&pipe_, nullptr, &at_once);
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    without_sigpipe(const without_sigpipe&) = delete;
    without_sigpipe& operator=(const without_sigpipe&) = delete;

  private:
    sigset_t pipe_{};
    sigset_t before_{};
    bool was_waiting_ = false;
};

// Reads the machine's list of authorities: once for the process.
class tls_settings {
  public:
    explicit tls_settings(const open_ssl& ssl) : ssl_(ssl), context_(ssl.SSL_CTX_new(ssl.TLS_method())) {
        if (context_ == nullptr || ssl.SSL_CTX_set_default_verify_paths(context_) != 1) {
            throw fetch_failure(kind::permanent, "TLS cannot be set up: " + last_error(ssl));
        }
        ssl.SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
        ssl.SSL_CTX_ctrl(context_, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, nullptr);
        ssl.SSL_CTX_ctrl(context_, SSL_CTRL_MODE, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER,
                         nullptr);
    }
    ~tls_settings() { ssl_.SSL_CTX_free(context_); }
    tls_settings(const tls_settings&) = delete;
    tls_settings& operator=(const tls_settings&) = delete;

    [[nodiscard]] SSL_CTX* get() const noexcept { return context_; }

  private:
    const open_ssl& ssl_;
    SSL_CTX* context_;
};

class tls_transport final : public transport {
  public:
    tls_transport(unique_fd socket, const std::string& host, const transport_terms& terms)
        : ssl_(library()), socket_(std::move(socket)) {
        static const tls_settings settings(ssl_);
        session_ = ssl_.SSL_new(settings.get());
        if (session_ == nullptr) throw fetch_failure(kind::passing, "TLS cannot begin: " + last_error(ssl_));
        try {
            expect(host);
            ssl_.SSL_set_fd(session_, socket_.get());
            ssl_.SSL_set_connect_state(session_);
            shake_hands(host, terms);
        } catch (...) {
            ssl_.SSL_free(session_);
            throw;
        }
    }
    ~tls_transport() override { ssl_.SSL_free(session_); }
    tls_transport(const tls_transport&) = delete;
    tls_transport& operator=(const tls_transport&) = delete;

    std::size_t read_some(std::span<char> into, const transport_terms& terms) override {
        const without_sigpipe guard;
        const int room = static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX));
        for (;;) {
            ssl_.ERR_clear_error();
            const int came = ssl_.SSL_read(session_, into.data(), room);
            if (came > 0) return static_cast<std::size_t>(came);
            if (ssl_.SSL_get_error(session_, came) == SSL_ERROR_ZERO_RETURN) return 0;
            wait_after(came, terms.stall_max, terms);
        }
    }

    void write_all(std::string_view bytes, const transport_terms& terms) override {
        const without_sigpipe guard;
        while (!bytes.empty()) {
            ssl_.ERR_clear_error();
            const int sent =
                ssl_.SSL_write(session_, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX)));
            if (sent > 0) {
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            } else {
                wait_after(sent, terms.stall_max, terms);
            }
        }
    }

    // A server may send session tickets at any time, so this takes some connections for stale that are not.
    bool is_stale() const override {
        pollfd at{socket_.get(), POLLIN | POLLRDHUP, 0};
        return ssl_.SSL_pending(session_) > 0 || ::poll(&at, 1, 0) != 0;
    }

  private:
    void expect(const std::string& host) {
        const bool known = is_address(host)
                               ? ssl_.X509_VERIFY_PARAM_set1_ip_asc(ssl_.SSL_get0_param(session_), host.c_str()) == 1
                               : ssl_.SSL_set1_host(session_, host.c_str()) == 1;
        if (!known) throw fetch_failure(kind::permanent, "'" + host + "' is no name that a certificate could have");
        if (is_address(host)) return;
        std::string name = host;  // SSL_set_tlsext_host_name, which is a macro with a cast of its own
        ssl_.SSL_ctrl(session_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    }

    void shake_hands(const std::string& host, const transport_terms& terms) {
        const without_sigpipe guard;
        for (;;) {
            ssl_.ERR_clear_error();
            const int done = ssl_.SSL_do_handshake(session_);
            if (done == 1) return;
            const long verdict = ssl_.SSL_get_verify_result(session_);
            if (verdict != X509_V_OK) {
                throw fetch_failure(kind::permanent, "the certificate of " + host + " is not accepted: " +
                                                         ssl_.X509_verify_cert_error_string(verdict) +
                                                         ". SSL_CERT_FILE names other authorities.");
            }
            wait_after(done, terms.connect_max, terms);
        }
    }

    // After a call that could not go on: waits for what it needs.
    void wait_after(int outcome, std::chrono::milliseconds limit, const transport_terms& terms) {
        switch (ssl_.SSL_get_error(session_, outcome)) {
            case SSL_ERROR_WANT_READ: return wait_ready(socket_.get(), POLLIN, limit, terms);
            case SSL_ERROR_WANT_WRITE: return wait_ready(socket_.get(), POLLOUT, limit, terms);
            default: throw fetch_failure(kind::passing, "TLS: " + last_error(ssl_));
        }
    }

    const open_ssl& ssl_;
    unique_fd socket_;
    SSL* session_ = nullptr;
};

}  // namespace

std::unique_ptr<transport> begin_tls(unique_fd socket, const std::string& host, const transport_terms& terms) {
    return std::make_unique<tls_transport>(std::move(socket), host, terms);
}

}  // namespace sheaf::fetch
