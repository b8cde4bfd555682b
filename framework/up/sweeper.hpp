// Clearing away at once what a cluster leaves that is killed.
#pragma once

#include <sys/types.h>

#include "up/cluster_name.hpp"

namespace sheaf::up {

/// A process that waits for the one that made it to end, however it does, and then removes what is left of the cluster's
/// files. It is in a session of its own: what is done to a whole terminal or process group does not reach it. The destructor
/// ends it, since a cluster that ends as it should removes its files itself.
class sweeper {
  public:
    /// To be made while there is one thread, and before the cluster_ownership is taken: a child that is forked later is an
    /// owner, too. Throws runtime_failure.
    explicit sweeper(const cluster_paths& paths);
    ~sweeper();
    sweeper(const sweeper&) = delete;
    sweeper& operator=(const sweeper&) = delete;

  private:
    pid_t process_;
};

}  // namespace sheaf::up
