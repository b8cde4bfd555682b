#include "map_reduce/frequent_keys.hpp"

#include <algorithm>
#include <functional>

namespace sheaf::detail {

void frequent_key_tally::add(const map_output& one) {
    looked_at_ += one.keys_looked_at;
    for (const auto& [key, times] : one.frequent_keys) times_[key] += times;
}

std::vector<frequent_key> frequent_key_tally::keys(bool folded) const {
    std::vector<frequent_key> all;
    if (looked_at_ < looked_at_min) return all;
    for (const auto& [key, times] : times_) {
        const double share = static_cast<double>(times) / static_cast<double>(looked_at_);
        if (share >= 0.1) all.push_back({key, share, folded});
    }
    std::ranges::stable_sort(all, std::greater<>{}, &frequent_key::share);
    return all;
}

}  // namespace sheaf::detail
