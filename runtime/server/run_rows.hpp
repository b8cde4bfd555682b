// Steps of runs as the store has them, and runs as the broker does.
#pragma once

#include <string_view>
#include <vector>

#include "broker/run_change.hpp"
#include "store/run_rows.hpp"

namespace sheaf::server {

[[nodiscard]] store::run_change row_of(const broker::run_change& change);
[[nodiscard]] std::vector<broker::restored_run> restored(const store::kept_runs& kept);
/// How a run ended, as sheaf.run says it.
[[nodiscard]] std::string_view word_of(std::uint8_t end) noexcept;

}  // namespace sheaf::server
