#include <cstdlib>

#include "sheaf/runtime/tls.hpp"

namespace sheaf::runtime {
namespace {

void fill(std::string& file, const char* variable) {
    if (!file.empty()) return;
    if (const char* const value = std::getenv(variable); value != nullptr) file = value;
}

}  // namespace

tls_options with_client_environment(tls_options given) {
    // A certificate of one place does not go with the key of another.
    const bool has_identity = !given.certificate_file.empty() || !given.key_file.empty();
    fill(given.ca_file, "GEARMAND_CA_CERTIFICATE");
    if (has_identity) return given;
    fill(given.certificate_file, "GEARMAN_CLIENT_PEM");
    fill(given.key_file, "GEARMAN_CLIENT_KEY");
    return given;
}

tls_options with_server_environment(tls_options given) {
    fill(given.ca_file, "GEARMAND_CA_CERTIFICATE");
    fill(given.certificate_file, "GEARMAND_SERVER_PEM");
    fill(given.key_file, "GEARMAND_SERVER_KEY");
    return given;
}

}  // namespace sheaf::runtime
