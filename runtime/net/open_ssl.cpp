#include "net/open_ssl.hpp"

#include <dlfcn.h>
#include <string>

#include "sheaf/runtime/error.hpp"

namespace sheaf::net {
namespace {

// libssl brings libcrypto with it, in which dlsym looks as well.
const char* const library_name = "libssl.so." OPENSSL_MSTR(OPENSSL_SHLIB_VERSION);

[[noreturn]] void throw_missing() {
    const char* const why = ::dlerror();
    throw runtime_failure({errc::not_supported, std::string("TLS needs OpenSSL, which cannot be loaded: ") +
                                                    (why != nullptr ? why : library_name) +
                                                    ". Install the package libssl3."});
}

open_ssl load() {
    // For the rest of the process, as OpenSSL wants it.
    void* const library = ::dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw_missing();
    open_ssl result{};
    const auto find = [library](auto& function, const char* name) {
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
        if (function == nullptr) throw_missing();
    };
#define SHEAF_OPEN_SSL_FIND(name) find(result.name, #name);
    SHEAF_OPEN_SSL_FUNCTIONS(SHEAF_OPEN_SSL_FIND)
#undef SHEAF_OPEN_SSL_FIND
    return result;
}

}  // namespace

const open_ssl& load_open_ssl() {
    static const open_ssl loaded = load();
    return loaded;
}

}  // namespace sheaf::net
