// Certificates made for one test: an authority, and those it has signed, as files in a directory that the test has.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "sheaf/runtime/tls.hpp"
#include "support/deadline.hpp"

namespace sheaf::test {

template <class T, void (*Free)(T*)>
struct open_ssl_free {
    void operator()(T* what) const { Free(what); }
};
using key_ptr = std::unique_ptr<EVP_PKEY, open_ssl_free<EVP_PKEY, EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, open_ssl_free<X509, X509_free>>;

/// What a certificate says. Times are seconds from now.
struct certificate_terms {
    std::string name;         ///< of whom
    std::string addresses{};  ///< such as "IP:127.0.0.1,DNS:localhost"; empty: none
    long begins = -3600;
    long ends = 3600;
};

/// A CA of the test's own, with which certificates are signed.
class authority {
  public:
    /// Its certificate, and those that it signs, are written to `directory`.
    authority(std::string directory, const std::string& name)
        : directory_(std::move(directory)), name_(name), key_(EVP_EC_gen("P-256")) {
        certificate_ = make({.name = name}, key_.get(), "CA:TRUE");
        write_certificate(file(), certificate_.get());
    }

    [[nodiscard]] std::string file() const { return directory_ + "/" + name_ + ".pem"; }

    /// A certificate and its key, for somebody who trusts this authority.
    [[nodiscard]] runtime::tls_options sign(const certificate_terms& what) const {
        const key_ptr key(EVP_EC_gen("P-256"));
        const certificate_ptr made = make(what, key.get(), "CA:FALSE");
        const std::string base = directory_ + "/" + name_ + "-" + what.name;
        write_certificate(base + ".pem", made.get());
        std::FILE* const out = open(base + ".key");
        PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(out);
        runtime::tls_options result;
        result.ca_file = file();
        result.certificate_file = base + ".pem";
        result.key_file = base + ".key";
        return result;
    }

  private:
    [[nodiscard]] certificate_ptr make(const certificate_terms& what, EVP_PKEY* key, const std::string& role) const {
        certificate_ptr made(X509_new());
        X509* const raw = made.get();
        X509_set_version(raw, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(raw), ++serial_);
        X509_gmtime_adj(X509_getm_notBefore(raw), what.begins);
        X509_gmtime_adj(X509_getm_notAfter(raw), what.ends);
        X509_set_pubkey(raw, key);
        const auto* const text = reinterpret_cast<const unsigned char*>(what.name.c_str());
        X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_ASC, text, -1, -1, 0);
        X509_set_issuer_name(raw, X509_get_subject_name(certificate_ ? certificate_.get() : raw));
        extend(raw, NID_basic_constraints, role);
        if (!what.addresses.empty()) extend(raw, NID_subject_alt_name, what.addresses);
        X509_sign(raw, key_.get(), EVP_sha256());
        return made;
    }
    static void extend(X509* made, int what, const std::string& value) {
        X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
        X509_add_ext(made, extension, -1);
        X509_EXTENSION_free(extension);
    }
    static std::FILE* open(const std::string& path) {
        std::FILE* const out = std::fopen(path.c_str(), "w");
        if (out == nullptr) throw_errno(path);
        return out;
    }
    static void write_certificate(const std::string& path, X509* what) {
        std::FILE* const out = open(path);
        PEM_write_X509(out, what);
        std::fclose(out);
    }

    std::string directory_;
    std::string name_;
    key_ptr key_;
    certificate_ptr certificate_;
    mutable long serial_ = 0;
};

}  // namespace sheaf::test
