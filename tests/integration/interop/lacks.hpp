// What the libraries of others cannot do, or do in a way of their own, whatever the server: for each such cell of the matrix what is
// seen in place of the ideal, so that it is held to that, and a lack that is none (any more) fails.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "integration/interop/features.hpp"
#include "integration/interop/peers.hpp"

namespace sheaf::test::interop {

enum class role { client, worker };

struct lack {
    peer who;
    role as;
    feature which;
    std::string_view why;
    outcome (*seen)(outcome);      ///< what becomes of what would be seen without it
    std::optional<server> only{};  ///< the one server with which it is so, if that is the server's fault
};

/// What is seen of a client that has not ended when it was long since told how its job has.
inline constexpr std::string_view waits_for_ever = "waits for ever";

[[nodiscard]] std::span<const lack> all_lacks();
/// That of a peer in one feature, or null.
[[nodiscard]] const lack* find_lack(server where, peer who, role as, feature which);
/// What is to be seen of a client and a worker.
[[nodiscard]] outcome expected(server where, feature which, peer client, peer worker);

}  // namespace sheaf::test::interop
