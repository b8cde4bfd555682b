// TLS on a connection, by OpenSSL.
#pragma once

#include <memory>
#include <string>

#include "base/unique_fd.hpp"
#include "fetch/transport.hpp"

namespace sheaf::fetch {

/// Shakes hands with the server, whose certificate must be valid for `host` and lead to an authority that this machine (or
/// SSL_CERT_FILE, SSL_CERT_DIR) trusts. Throws fetch_failure.
[[nodiscard]] std::unique_ptr<transport> begin_tls(unique_fd socket, const std::string& host,
                                                   const transport_terms& terms);

}  // namespace sheaf::fetch
