// A simulated client: submits, asks, cancels, crashes and comes back.
#pragma once

#include <optional>

#include "simulation.hpp"

namespace sheaf::sim {

class client {
  public:
    explicit client(simulation& world) : world_(world) {}

    /// Does one thing.
    void act();
    /// Reads what has come; returns whether there was anything.
    bool read();

  private:
    void submit();
    void ask();
    void deal_with_runs();

    simulation& world_;
    std::optional<simulation::session> connection_;
    std::vector<std::string> handles_;  ///< some that it has heard of
};

}  // namespace sheaf::sim
