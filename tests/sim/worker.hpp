// A simulated worker: grabs until there is nothing, sleeps until it is woken, works on several jobs, hangs and crashes.
#pragma once

#include <optional>

#include "simulation.hpp"

namespace sheaf::sim {

class worker {
  public:
    /// A steady worker offers every function and never fails by itself.
    worker(simulation& world, bool steady) : world_(world), steady_(steady) {}

    /// Does one thing.
    void act();
    /// Reads what has come and goes on by the rules; returns whether there was anything to do.
    bool proceed();
    /// Connects if it is not connected.
    void recover();
    /// A worker that hangs is killed.
    void kill_if_hanging();

  private:
    enum class state { working, grabbing, asleep, grab_is_open };
    struct held {
        std::string handle;
        std::string function;
        std::string payload;
    };

    void connect();
    void announce();
    void grab();
    void take_back();
    void read(const message& m);
    void work();
    void finish(std::size_t which);
    void fail(const std::string& handle);
    void drop_ability();

    simulation& world_;
    bool steady_;
    bool hangs_ = false;
    std::optional<simulation::session> connection_;
    state state_ = state::working;
    std::vector<std::string> functions_;
    std::vector<held> jobs_;
};

}  // namespace sheaf::sim
