#include "net/tls_context.hpp"

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include "net/open_ssl.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::net {
namespace {

[[noreturn]] void refuse(const std::string& why) {
    throw runtime_failure({errc::invalid_argument, "TLS cannot be used: " + why});
}

std::string reason(const open_ssl& ssl) {
    const char* const text = ssl.ERR_reason_error_string(ssl.ERR_get_error());
    return text != nullptr ? text : "it makes no sense";
}

// OpenSSL's own words for a file that is not there are hard to read.
void check_readable(std::string_view what, const std::string& file) {
    if (::access(file.c_str(), R_OK) == 0) return;
    refuse("the " + std::string(what) + " " + file +
           " cannot be read: " + std::error_code(errno, std::generic_category()).message() + ".");
}

// A program without a terminal must not wait for somebody to type.
int no_pass_phrase(char*, int, int, void*) { return -1; }

}  // namespace

tls_context::tls_context(side which, const runtime::tls_options& how)
    : ssl_(load_open_ssl()), side_(which), how_(how), context_(ssl_.SSL_CTX_new(ssl_.TLS_method())) {
    if (context_ == nullptr) refuse("OpenSSL cannot be set up: " + reason(ssl_) + ".");
    try {
        ssl_.ERR_clear_error();
        settle();
        load_ca();
        load_identity();
    } catch (...) {
        ssl_.SSL_CTX_free(context_);
        throw;
    }
}

tls_context::~tls_context() { ssl_.SSL_CTX_free(context_); }

// Connections live long: nothing is gained by sessions that are taken up again, and they would have to be remembered.
void tls_context::settle() const {
    ssl_.SSL_CTX_ctrl(context_, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, nullptr);
    ssl_.SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
    ssl_.SSL_CTX_ctrl(context_, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, nullptr);
    ssl_.SSL_CTX_set_num_tickets(context_, 0);
    // A write may be taken in part, from a place that is another the next time, and idle connections keep no buffers.
    ssl_.SSL_CTX_ctrl(context_, SSL_CTRL_MODE,
                      SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS,
                      nullptr);
    ssl_.SSL_CTX_set_verify(
        context_, side_ == side::server ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_PEER, nullptr);
    ssl_.SSL_CTX_set_default_passwd_cb(context_, no_pass_phrase);
}

void tls_context::load_ca() const {
    if (how_.ca_file.empty()) {
        if (side_ == side::server) {
            refuse(
                "no CA is named, from which the certificates of clients and workers have to come. Give --ssl-ca-file, "
                "or set GEARMAND_CA_CERTIFICATE.");
        }
        if (ssl_.SSL_CTX_set_default_verify_paths(context_) != 1) refuse("this machine has no certificates of CAs.");
        return;
    }
    check_readable("file of the CA", how_.ca_file);
    if (ssl_.SSL_CTX_load_verify_file(context_, how_.ca_file.c_str()) != 1) {
        refuse("the file of the CA " + how_.ca_file + " holds no certificate in PEM: " + reason(ssl_) + ".");
    }
    // Tells clients that have several certificates which one to show.
    if (side_ == side::server) {
        ssl_.SSL_CTX_set_client_CA_list(context_, ssl_.SSL_load_client_CA_file(how_.ca_file.c_str()));
    }
}

void tls_context::load_identity() const {
    const std::string& certificate = how_.certificate_file;
    const std::string& key = how_.key_file;
    if (certificate.empty() && key.empty() && side_ == side::client) return;
    const std::string whose = side_ == side::server ? "GEARMAND_SERVER_" : "GEARMAN_CLIENT_";
    if (certificate.empty()) refuse("no certificate is named. Give --ssl-certificate, or set " + whose + "PEM.");
    if (key.empty()) refuse("no key is named. Give --ssl-key, or set " + whose + "KEY.");
    check_readable("certificate", certificate);
    if (ssl_.SSL_CTX_use_certificate_chain_file(context_, certificate.c_str()) != 1) {
        refuse("the file " + certificate + " holds no certificate in PEM that can be used: " + reason(ssl_) + ".");
    }
    if (ssl_.X509_cmp_current_time(ssl_.X509_get0_notAfter(ssl_.SSL_CTX_get0_certificate(context_))) < 0) {
        refuse("the certificate " + certificate + " has expired. Make a new one.");
    }
    check_readable("key", key);
    if (ssl_.SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        ssl_.SSL_CTX_check_private_key(context_) != 1) {
        refuse("the file " + key + " does not hold the key of " + certificate +
               ", in PEM and without a pass phrase: " + reason(ssl_) + ".");
    }
}

}  // namespace sheaf::net
