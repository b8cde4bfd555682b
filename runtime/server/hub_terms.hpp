// What the server's options mean to the broker and to the desk, given whose jobs the store has.
#pragma once

#include "broker/core.hpp"
#include "server/service_desk.hpp"
#include "sheaf/runtime/server.hpp"
#include "store/store.hpp"

namespace sheaf::server {

[[nodiscard]] broker::options broker_options(const runtime::server_options& how, const store::identity& who);
/// What all handles of this store's jobs begin with, those of former lives, too.
[[nodiscard]] std::string prefix_of(const runtime::server_options& how, const store::identity& who);
[[nodiscard]] queue_facts facts_of(const runtime::server_options& how, const store::identity& who);

}  // namespace sheaf::server
