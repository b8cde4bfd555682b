#include "fetch/open_ssl.hpp"

#include <dlfcn.h>
#include <string>

#include "fetch/fetch_failure.hpp"

namespace sheaf::fetch {
namespace {

// libssl brings libcrypto with it, in which dlsym looks as well.
const std::string library_name = "libssl.so." + std::to_string(OPENSSL_SHLIB_VERSION);

[[noreturn]] void throw_missing() {
    const char* const why = ::dlerror();
    throw fetch_failure(fetch_failure::kind::permanent, std::string("https needs OpenSSL, which cannot be loaded: ") +
                                                            (why != nullptr ? why : library_name.c_str()));
}

class loader {
  public:
    loader() : library_(::dlopen(library_name.c_str(), RTLD_NOW | RTLD_LOCAL)) {
        if (library_ == nullptr) throw_missing();
    }
    template <class F>
    void find(F& function, const char* name) const {
        function = reinterpret_cast<F>(::dlsym(library_, name));
        if (function == nullptr) throw_missing();
    }

  private:
    void* library_;  // for the rest of the process, as OpenSSL wants it
};

open_ssl load() {
    const loader from;
    open_ssl result{};
    from.find(result.client_method, "TLS_client_method");
    from.find(result.ctx_new, "SSL_CTX_new");
    from.find(result.ctx_free, "SSL_CTX_free");
    from.find(result.ctx_ctrl, "SSL_CTX_ctrl");
    from.find(result.ctx_set_verify, "SSL_CTX_set_verify");
    from.find(result.ctx_set_default_verify_paths, "SSL_CTX_set_default_verify_paths");
    from.find(result.ssl_new, "SSL_new");
    from.find(result.ssl_free, "SSL_free");
    from.find(result.ctrl, "SSL_ctrl");
    from.find(result.set1_host, "SSL_set1_host");
    from.find(result.get0_param, "SSL_get0_param");
    from.find(result.param_set1_ip_asc, "X509_VERIFY_PARAM_set1_ip_asc");
    from.find(result.set_fd, "SSL_set_fd");
    from.find(result.connect, "SSL_connect");
    from.find(result.read, "SSL_read");
    from.find(result.write, "SSL_write");
    from.find(result.pending, "SSL_pending");
    from.find(result.get_error, "SSL_get_error");
    from.find(result.get_verify_result, "SSL_get_verify_result");
    from.find(result.verify_error_string, "X509_verify_cert_error_string");
    from.find(result.err_get_error, "ERR_get_error");
    from.find(result.err_error_string_n, "ERR_error_string_n");
    from.find(result.err_clear_error, "ERR_clear_error");
    return result;
}

}  // namespace

const open_ssl& load_open_ssl() {
    static const open_ssl loaded = load();
    return loaded;
}

}  // namespace sheaf::fetch
