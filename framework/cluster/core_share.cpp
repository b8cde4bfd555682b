#include "cluster/core_share.hpp"

#include <tbb/global_control.h>

namespace sheaf::detail {

struct core_share::state {
    explicit state(std::size_t threads) : limit(tbb::global_control::max_allowed_parallelism, threads) {}
    tbb::global_control limit;
};

core_share::core_share(std::size_t threads) : state_(std::make_unique<state>(threads)) {}
core_share::~core_share() = default;

}  // namespace sheaf::detail
