// What TLS needs to know: files, names and patience. Who speaks it is said by addresses: "tls://host:port".
#pragma once

#include <chrono>
#include <string>

namespace sheaf::runtime {

/// The keys of one side, as files in PEM. They are read once, when the server, client or worker is made; what cannot be used
/// throws runtime_failure, with the file's name.
///
/// Both sides show a certificate, and each wants the other's to come from its CA; a client also wants the server's to be
/// for the name that it was asked to connect to.
///
///     sheaf::runtime::client client({.servers = {*sheaf::parse_endpoint("tls://jobs.example:4730")},
///                                    .tls = {.ca_file = "ca.pem", .certificate_file = "me.pem", .key_file = "me.key"}});
struct tls_options {
    /// Certificates, one of which the peer's must come from. A client's default: those that the system trusts.
    std::string ca_file{};
    /// The own certificate, and behind it those between it and the CA, if there are any. A client may have none, if the server
    /// does not ask for one; sheafd does.
    std::string certificate_file{};
    /// Its key, without a pass phrase.
    std::string key_file{};
    /// What a client wants the server's certificate to be for. Empty: the host of the server's address.
    std::string server_name{};
    /// How long the peer may take until both sides know each other; then the connection is closed.
    std::chrono::milliseconds handshake_timeout{10000};
};

/// `given`, and for each file that it leaves out the one that a client of Gearman finds in the environment:
/// GEARMAND_CA_CERTIFICATE, GEARMAN_CLIENT_PEM and GEARMAN_CLIENT_KEY. Clients and workers do this by themselves.
[[nodiscard]] tls_options with_client_environment(tls_options given);
/// The same for a server: GEARMAND_CA_CERTIFICATE, GEARMAND_SERVER_PEM and GEARMAND_SERVER_KEY. Servers do not do this by
/// themselves; sheafd does.
[[nodiscard]] tls_options with_server_environment(tls_options given);

}  // namespace sheaf::runtime
