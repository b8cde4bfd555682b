// What is used of OpenSSL, loaded when the first https address is opened.
//
// Linking it would cost every process of every program a millisecond at its start, and most never speak TLS.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace sheaf::fetch {

/// The library's functions, under their own names without the prefix.
struct open_ssl {
    decltype(&::TLS_client_method) client_method;
    decltype(&::SSL_CTX_new) ctx_new;
    decltype(&::SSL_CTX_free) ctx_free;
    decltype(&::SSL_CTX_ctrl) ctx_ctrl;
    decltype(&::SSL_CTX_set_verify) ctx_set_verify;
    decltype(&::SSL_CTX_set_default_verify_paths) ctx_set_default_verify_paths;
    decltype(&::SSL_new) ssl_new;
    decltype(&::SSL_free) ssl_free;
    decltype(&::SSL_ctrl) ctrl;
    decltype(&::SSL_set1_host) set1_host;
    decltype(&::SSL_get0_param) get0_param;
    decltype(&::X509_VERIFY_PARAM_set1_ip_asc) param_set1_ip_asc;
    decltype(&::SSL_set_fd) set_fd;
    decltype(&::SSL_connect) connect;
    decltype(&::SSL_read) read;
    decltype(&::SSL_write) write;
    decltype(&::SSL_pending) pending;
    decltype(&::SSL_get_error) get_error;
    decltype(&::SSL_get_verify_result) get_verify_result;
    decltype(&::X509_verify_cert_error_string) verify_error_string;
    decltype(&::ERR_get_error) err_get_error;
    decltype(&::ERR_error_string_n) err_error_string_n;
    decltype(&::ERR_clear_error) err_clear_error;
};

/// Loads it once for the process. Throws fetch_failure when this machine does not have it.
[[nodiscard]] const open_ssl& load_open_ssl();

}  // namespace sheaf::fetch
