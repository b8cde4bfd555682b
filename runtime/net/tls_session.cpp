#include "net/tls_session.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "base/assert.hpp"
#include "net/open_ssl.hpp"

namespace sheaf::net {
namespace {

constexpr std::size_t kept_capacity = 4096;

int as_int(std::size_t n) { return static_cast<int>(std::min<std::size_t>(n, std::numeric_limits<int>::max())); }

// Alerts by which a peer says that it does not like our certificate, or the lack of one.
bool is_about_our_certificate(int reason) {
    switch (reason - SSL_AD_REASON_OFFSET) {
        case SSL_AD_NO_CERTIFICATE:
        case SSL_AD_BAD_CERTIFICATE:
        case SSL_AD_UNSUPPORTED_CERTIFICATE:
        case SSL_AD_CERTIFICATE_REVOKED:
        case SSL_AD_CERTIFICATE_EXPIRED:
        case SSL_AD_CERTIFICATE_UNKNOWN:
        case SSL_AD_UNKNOWN_CA:
        case SSL_AD_CERTIFICATE_REQUIRED: return true;
        default: return false;
    }
}

// What a peer that does not speak TLS makes OpenSSL think of.
bool is_about_no_tls(int reason) {
    return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
           reason == SSL_R_HTTPS_PROXY_REQUEST || reason == SSL_R_PACKET_LENGTH_TOO_LONG ||
           reason == SSL_R_UNEXPECTED_MESSAGE;
}

}  // namespace

// Where OpenSSL reads and writes: the views and buffers of the session.
struct tls_wire {
    static int read(BIO* from, char* room, int size) {
        const open_ssl& ssl = load_open_ssl();
        auto& session = *static_cast<tls_session*>(ssl.BIO_get_data(from));
        ssl.BIO_clear_flags(from, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
        if (session.in_.empty()) {
            ssl.BIO_set_flags(from, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
            return -1;
        }
        const std::size_t n = std::min(session.in_.size(), static_cast<std::size_t>(size));
        std::memcpy(room, session.in_.data(), n);
        session.in_.remove_prefix(n);
        return static_cast<int>(n);
    }
    static int write(BIO* to, const char* bytes, int size) {
        const open_ssl& ssl = load_open_ssl();
        ssl.BIO_clear_flags(to, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
        static_cast<tls_session*>(ssl.BIO_get_data(to))->out_.append(bytes, static_cast<std::size_t>(size));
        return size;
    }
    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

    // One for the process, as long as it lives.
    static const BIO_METHOD* method(const open_ssl& ssl) {
        static const BIO_METHOD* const made = [&ssl] {
            BIO_METHOD* const method = ssl.BIO_meth_new(ssl.BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sheaf wire");
            SHEAF_ASSERT(method != nullptr, "there is memory for a few pointers");
            ssl.BIO_meth_set_read(method, read);
            ssl.BIO_meth_set_write(method, write);
            ssl.BIO_meth_set_ctrl(method, control);
            return method;
        }();
        return made;
    }
};

tls_session::tls_session(std::shared_ptr<const tls_context> of, std::string_view host)
    : context_(std::move(of)), ssl_(context_->library()), session_(ssl_.SSL_new(context_->native())) {
    BIO* const wire = session_ == nullptr ? nullptr : ssl_.BIO_new(tls_wire::method(ssl_));
    if (wire == nullptr) {
        ssl_.SSL_free(session_);
        throw runtime_failure({errc::internal, "there is no memory for another TLS connection"});
    }
    ssl_.BIO_set_data(wire, this);
    ssl_.BIO_set_init(wire, 1);
    ssl_.SSL_set_bio(session_, wire, wire);
    if (!is_client()) {
        ssl_.SSL_set_accept_state(session_);
        return;
    }
    ssl_.SSL_set_connect_state(session_);
    expect_name(context_->options().server_name.empty() ? host : context_->options().server_name);
    shake_hands();
}

tls_session::~tls_session() { ssl_.SSL_free(session_); }

void tls_session::expect_name(std::string_view host) {
    name_ = host;
    ssl_.SSL_set_hostflags(session_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (ssl_.X509_VERIFY_PARAM_set1_ip_asc(ssl_.SSL_get0_param(session_), name_.c_str()) == 1) return;
    ssl_.SSL_set1_host(session_, name_.c_str());
    ssl_.SSL_ctrl(session_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name_.data());
}

void tls_session::feed(std::string_view wire) {
    SHEAF_ASSERT(in_.empty() || state_ != state::open, "what was fed before has been read");
    in_ = wire;
    if (state_ == state::shaking_hands) shake_hands();
}

void tls_session::shake_hands() {
    ssl_.ERR_clear_error();
    const int result = ssl_.SSL_do_handshake(session_);
    if (result == 1) {
        state_ = state::open;
    } else {
        judge(result);
    }
}

std::size_t tls_session::read(std::span<char> room) {
    if (state_ != state::open) return 0;
    ssl_.ERR_clear_error();
    const int result = ssl_.SSL_read(session_, room.data(), as_int(room.size()));
    if (result > 0) return static_cast<std::size_t>(result);
    judge(result);
    return 0;
}

std::size_t tls_session::write(std::string_view plain) {
    std::size_t taken = 0;
    while (state_ == state::open && taken < plain.size() && wire().size() < wire_bytes_max) {
        ssl_.ERR_clear_error();
        const int result = ssl_.SSL_write(session_, plain.data() + taken, as_int(plain.size() - taken));
        if (result > 0) {
            taken += static_cast<std::size_t>(result);
        } else {
            judge(result);
            break;
        }
    }
    return taken;
}

void tls_session::end() {
    if (state_ != state::open && state_ != state::ended) return;
    ssl_.ERR_clear_error();
    (void)ssl_.SSL_shutdown(session_);  // the peer's answer is not waited for
}

void tls_session::sent(std::size_t n) noexcept {
    out_head_ += n;
    SHEAF_ASSERT(out_head_ <= out_.size(), "no more is sent than there was");
    if (out_head_ < out_.size()) return;
    out_head_ = 0;
    out_.clear();
    if (out_.capacity() > kept_capacity) std::string().swap(out_);
}

void tls_session::judge(int result) {
    switch (ssl_.SSL_get_error(session_, result)) {
        case SSL_ERROR_WANT_READ: return;
        case SSL_ERROR_ZERO_RETURN: state_ = state::ended; return;
        default: return fail();
    }
}

void tls_session::fail() {
    why_ = {state_ == state::open ? errc::connection_lost : errc::connection_failed, describe_failure()};
    state_ = state::failed;
    in_ = {};
}

std::string tls_session::describe_failure() const {
    const unsigned long code = ssl_.ERR_get_error();
    const int reason = ERR_GET_REASON(code);
    const char* const text = ssl_.ERR_reason_error_string(code);
    const std::string words = text != nullptr ? text : "no reason is known";
    const std::string peer = is_client() ? "the server" : "the peer";
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        const std::string flaw = ssl_.X509_verify_cert_error_string(ssl_.SSL_get_verify_result(session_));
        return peer + "'s certificate is not accepted: " + flaw + (is_client() ? " (for " + name_ + ")" : "") + ".";
    }
    if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
        return "the peer shows no certificate, and everyone who connects here needs one.";
    }
    if (is_about_our_certificate(reason)) {
        return peer + " does not accept this side's certificate, or wants one where there is none: " + words +
               (is_client() ? ". See GEARMAN_CLIENT_PEM and GEARMAN_CLIENT_KEY, or tls_options." : ".");
    }
    if (is_about_no_tls(reason)) return peer + " does not speak TLS on this port: " + words + ".";
    return "TLS failed: " + words + ".";
}

}  // namespace sheaf::net
