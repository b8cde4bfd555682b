// https: whom a reader trusts.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "fetch/http_reader.hpp"
#include "http_peer.hpp"
#include "support/scratch_directory.hpp"
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::fetch {
namespace {

using detail::unit_refused;
using testing::HasSubstr;

template <class T, void (*Free)(T*)>
struct freed {
    void operator()(T* what) const { Free(what); }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freed<EVP_PKEY, EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, freed<X509, X509_free>>;
using context_ptr = std::unique_ptr<SSL_CTX, freed<SSL_CTX, SSL_CTX_free>>;
using session_ptr = std::unique_ptr<SSL, freed<SSL, SSL_free>>;

/// Its own authority, valid for `name`: "IP:127.0.0.1" or "DNS:example.org".
struct identity {
    explicit identity(const std::string& name) : key(EVP_EC_gen("P-256")), certificate(X509_new()) {
        X509* const made = certificate.get();
        X509_set_version(made, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
        X509_gmtime_adj(X509_getm_notBefore(made), -3600);
        X509_gmtime_adj(X509_getm_notAfter(made), 3600);
        X509_set_pubkey(made, key.get());
        X509_NAME* const subject = X509_get_subject_name(made);
        const auto* const text = reinterpret_cast<const unsigned char*>(name.c_str());
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, text, -1, -1, 0);
        X509_set_issuer_name(made, subject);
        X509_EXTENSION* const names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str());
        X509_add_ext(made, names, -1);
        X509_EXTENSION_free(names);
        X509_sign(made, key.get(), EVP_sha256());
    }
    void append_to(const std::string& path) const {
        std::FILE* const file = std::fopen(path.c_str(), "a");
        PEM_write_X509(file, certificate.get());
        std::fclose(file);
    }

    key_ptr key;
    certificate_ptr certificate;
};

/// Says "hello" to everybody who asks.
class tls_server {
  public:
    explicit tls_server(const identity& who)
        : context_(SSL_CTX_new(TLS_server_method())), door_(::socket(AF_INET, SOCK_STREAM, 0)) {
        SSL_CTX_use_certificate(context_.get(), who.certificate.get());
        SSL_CTX_use_PrivateKey(context_.get(), who.key.get());
        sockaddr_in at = test::loopback(0);
        socklen_t size = sizeof at;
        auto* const address = reinterpret_cast<sockaddr*>(&at);
        if (::bind(door_.get(), address, size) != 0 || ::listen(door_.get(), 4) != 0) test::throw_errno("listen");
        ::getsockname(door_.get(), address, &size);
        port_ = ntohs(at.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~tls_server() {
        over_ = true;
        thread_.join();
    }
    [[nodiscard]] std::string address(const std::string& host) const {
        return "https://" + host + ":" + std::to_string(port_) + "/greeting";
    }

  private:
    void serve() {
        while (!over_) {
            pollfd one{door_.get(), POLLIN, 0};
            if (::poll(&one, 1, 10) <= 0) continue;
            const unique_fd peer(::accept(door_.get(), nullptr, nullptr));
            const session_ptr session(SSL_new(context_.get()));
            SSL_set_fd(session.get(), peer.get());
            if (SSL_accept(session.get()) != 1) continue;
            std::string request;
            char some[1024];
            while (!request.ends_with("\r\n\r\n")) {
                const int came = SSL_read(session.get(), some, sizeof some);
                if (came <= 0) break;
                request.append(some, static_cast<std::size_t>(came));
            }
            const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
            SSL_write(session.get(), answer.data(), static_cast<int>(answer.size()));
            SSL_shutdown(session.get());
        }
    }

    context_ptr context_;
    unique_fd door_;
    std::uint16_t port_ = 0;
    std::atomic<bool> over_{false};
    std::thread thread_;
};

// The authorities are read once for the process: so all that any test here trusts is written before the first.
struct tls_test : testing::Test {
    static void SetUpTestSuite() {
        const std::string trusted = place() / "authorities.pem";
        here().append_to(trusted);
        elsewhere().append_to(trusted);
        ::setenv("SSL_CERT_FILE", trusted.c_str(), 1);
    }
    static const test::scratch_directory& place() {
        static const test::scratch_directory made;
        return made;
    }
    static const identity& here() {
        static const identity made("IP:127.0.0.1,DNS:localhost");
        return made;
    }
    static const identity& elsewhere() {
        static const identity made("DNS:example.org");
        return made;
    }
    static std::string read(const std::string& address) {
        http_client client;
        http_reader from(client, *parse_url(address), {.attempts_max = 1});
        std::string text(from.size(), '\0');
        text.resize(from.read_at(0, text));
        return text;
    }
    static std::string refusal(const std::string& address) {
        try {
            return "it said " + read(address);
        } catch (const unit_refused& why) {
            return why.what();
        }
    }
};

TEST_F(tls_test, a_server_that_is_who_it_should_be_is_read) {
    const tls_server server(here());
    EXPECT_EQ(read(server.address("127.0.0.1")), "hello");
    EXPECT_EQ(read(server.address("localhost")), "hello");
}

TEST_F(tls_test, a_certificate_of_another_host_is_refused) {
    const tls_server server(elsewhere());
    EXPECT_THAT(refusal(server.address("127.0.0.1")), HasSubstr("mismatch"));
    EXPECT_THAT(refusal(server.address("localhost")), HasSubstr("mismatch"));
}

TEST_F(tls_test, a_certificate_of_nobody_known_is_refused) {
    const tls_server server(identity("IP:127.0.0.1"));
    EXPECT_THAT(refusal(server.address("127.0.0.1")), HasSubstr("certificate of 127.0.0.1 is not accepted"));
}

}  // namespace
}  // namespace sheaf::fetch
