// Which of several servers a job with a unique key belongs to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sheaf/runtime/endpoint.hpp"

namespace sheaf::runtime {

/// Rendezvous hashing: every client that knows the same servers, in any order, ranks them the same way for one key. When
/// one server is away, only its own keys move.
class server_choice {
  public:
    /// `names` are the servers' addresses.
    explicit server_choice(std::span<const std::string_view> names);
    /// Of `servers`, whether TLS is spoken to them or not: clients meet there, however each of them goes there.
    [[nodiscard]] static server_choice of(std::span<const endpoint> servers);

    /// What identifies the job among those that are to meet. `unique` is "-" when the payload itself is the key.
    [[nodiscard]] static std::uint64_t key(std::string_view function, std::string_view unique,
                                           std::string_view payload);
    /// Of the servers for which `usable(index)` holds, the one that ranks first for `key`; size() when there is none.
    template <class Usable>
    [[nodiscard]] std::size_t pick(std::uint64_t key, Usable&& usable) const {
        std::size_t best = seeds_.size();
        std::uint64_t best_weight = 0;
        for (std::size_t i = 0; i < seeds_.size(); ++i) {
            if (!usable(i)) continue;
            const std::uint64_t w = weight(key, seeds_[i]);
            if (best == seeds_.size() || w > best_weight) {
                best = i;
                best_weight = w;
            }
        }
        return best;
    }

    /// As pick(), also when it is away.
    [[nodiscard]] std::size_t home(std::uint64_t key) const {
        return pick(key, [](std::size_t) { return true; });
    }

  private:
    [[nodiscard]] static std::uint64_t weight(std::uint64_t key, std::uint64_t seed) noexcept;

    std::vector<std::uint64_t> seeds_;
};

}  // namespace sheaf::runtime
