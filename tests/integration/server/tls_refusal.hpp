// Why our client cannot speak TLS with a server.
#pragma once

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "sheaf/runtime/client.hpp"
#include "support/deadline.hpp"

namespace sheaf::test {

/// Why a job of a client with these keys cannot be run at all.
inline std::string refusal(const endpoint& where, const runtime::tls_options& how) {
    runtime::client client({.servers = {where}, .unreachable_timeout = std::chrono::milliseconds(20), .tls = how});
    const auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const runtime::job_end end = client.run({.function = "reverse", .deadline = until});
        EXPECT_EQ(end.how, runtime::job_end::kind::not_run);
        const bool is_early = end.why.message.find("no answer yet") != std::string::npos;
        if (!is_early || std::chrono::steady_clock::now() > until) return end.why.message;
    }
}

}  // namespace sheaf::test
