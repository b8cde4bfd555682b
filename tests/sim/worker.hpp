// A simulated worker: grabs until there is nothing, sleeps until it is woken, works on several jobs, hangs and crashes.
#pragma once

#include <optional>

#include "simulation.hpp"

namespace sheaf::sim {

class worker {
  public:
    /// `offers_all`: offers every function, always.
    worker(simulation& world, bool offers_all) : world_(world), offers_all_(offers_all) {}

    /// Does one thing.
    void act();
    /// Reads what has come and goes on by the rules; returns whether there was anything to do.
    bool proceed();
    /// A hanging worker is killed.
    void recover();

  private:
    enum class state { working, grabbing, asleep };
    struct held {
        std::string handle;
        std::string function;
    };

    void connect();
    void announce();
    void grab();
    void read(const message& m);
    void work();
    void finish(std::size_t which);
    void drop_ability();

    simulation& world_;
    bool offers_all_;
    bool hangs_ = false;
    std::optional<simulation::session> connection_;
    state state_ = state::working;
    std::vector<std::string> functions_;
    std::vector<held> jobs_;
};

}  // namespace sheaf::sim
