// How many cores the handlers of a worker process may use for algorithms of their own.
#pragma once

#include <cstddef>
#include <memory>

namespace sheaf::detail {

/// The part of `cores` that each of `processes` gets: at least 1.
[[nodiscard]] constexpr std::size_t share_of_cores(std::size_t cores, std::size_t processes) noexcept {
    const std::size_t share = processes == 0 ? cores : cores / processes;
    return share == 0 ? 1 : share;
}

/// While it exists, TBB's algorithms (and the parallel ones of the standard library, which use it) run on at most so many
/// threads of this process at once, the calling one included.
class core_share {
  public:
    explicit core_share(std::size_t threads);
    ~core_share();
    core_share(const core_share&) = delete;
    core_share& operator=(const core_share&) = delete;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace sheaf::detail
