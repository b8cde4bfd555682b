// The certificate, key and CA of one side of TLS, read once and shared by all of its connections.
#pragma once

#include <cstdint>

#include "sheaf/runtime/tls.hpp"

struct ssl_ctx_st;

namespace sheaf::net {

struct open_ssl;

class tls_context {
  public:
    enum class side : std::uint8_t { client, server };

    /// Reads the files of `how`. A server needs all three. Throws runtime_failure, with the file and what to do, when TLS
    /// as it was asked for cannot be had: a file that is missing or makes no sense, a key of another certificate, a certificate
    /// that has expired.
    tls_context(side which, const runtime::tls_options& how);
    ~tls_context();
    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;

    [[nodiscard]] side which() const noexcept { return side_; }
    [[nodiscard]] const runtime::tls_options& options() const noexcept { return how_; }
    [[nodiscard]] const open_ssl& library() const noexcept { return ssl_; }
    [[nodiscard]] ssl_ctx_st* native() const noexcept { return context_; }

  private:
    void load_ca() const;
    void load_identity() const;
    void settle() const;

    const open_ssl& ssl_;
    side side_;
    runtime::tls_options how_;
    ssl_ctx_st* context_;
};

}  // namespace sheaf::net
