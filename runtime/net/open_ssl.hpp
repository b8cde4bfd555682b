// What is used of OpenSSL, loaded when the first side that speaks TLS is made, or the first https address opened.
//
// Linking it would cost every process of every program a millisecond at its start, and most never speak TLS.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace sheaf::net {

// Functions, not macros: where OpenSSL has a macro, what it stands for.
// clang-format off
#define SHEAF_OPEN_SSL_FUNCTIONS(X) \
    X(BIO_clear_flags) X(BIO_get_data) X(BIO_get_new_index) X(BIO_meth_new) X(BIO_meth_set_ctrl) \
    X(BIO_meth_set_read) X(BIO_meth_set_write) X(BIO_new) X(BIO_set_data) X(BIO_set_flags) X(BIO_set_init) \
    X(ERR_clear_error) X(ERR_get_error) X(ERR_reason_error_string) X(SSL_CTX_check_private_key) X(SSL_CTX_ctrl) \
    X(SSL_CTX_free) X(SSL_CTX_get0_certificate) X(SSL_CTX_load_verify_file) X(SSL_CTX_new) \
    X(SSL_CTX_set_client_CA_list) X(SSL_CTX_set_default_passwd_cb) X(SSL_CTX_set_default_verify_paths) \
    X(SSL_CTX_set_num_tickets) X(SSL_CTX_set_options) X(SSL_CTX_set_verify) X(SSL_CTX_use_PrivateKey_file) \
    X(SSL_CTX_use_certificate_chain_file) X(SSL_ctrl) X(SSL_do_handshake) X(SSL_free) X(SSL_get0_param) \
    X(SSL_get_error) X(SSL_get_verify_result) X(SSL_load_client_CA_file) X(SSL_new) X(SSL_pending) X(SSL_read) \
    X(SSL_set1_host) X(SSL_set_accept_state) X(SSL_set_bio) X(SSL_set_connect_state) X(SSL_set_fd) \
    X(SSL_set_hostflags) X(SSL_shutdown) X(SSL_write) X(TLS_method) X(X509_VERIFY_PARAM_set1_ip_asc) \
    X(X509_cmp_current_time) X(X509_get0_notAfter) X(X509_verify_cert_error_string)
// clang-format on

/// The library's functions, under their own names.
struct open_ssl {
#define SHEAF_OPEN_SSL_MEMBER(name) decltype(&::name) name;
    SHEAF_OPEN_SSL_FUNCTIONS(SHEAF_OPEN_SSL_MEMBER)
#undef SHEAF_OPEN_SSL_MEMBER
};

/// Loads it once for the process. Throws runtime_failure when this machine does not have it.
[[nodiscard]] const open_ssl& load_open_ssl();

}  // namespace sheaf::net
