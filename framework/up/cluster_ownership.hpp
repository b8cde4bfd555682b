// Who runs the cluster of a name. Two cannot; and what one that was killed leaves is cleared away by whoever comes next.
//
// The lock file has two bytes that are locked independently of each other. `sheaf up` holds the first for as long as its
// process lives: the kernel lets go of it, however the process ends. The second is held for moments, by whoever creates or
// removes the cluster's files. Since looking at the first byte does not lock it, looking never makes an `up` fail.
#pragma once

#include "base/unique_fd.hpp"
#include "sheaf/runtime/error.hpp"
#include "up/cluster_name.hpp"

namespace sheaf::up {

/// Held by the process that runs the cluster. The destructor removes the cluster's files (all but its log).
class cluster_ownership {
  public:
    /// Clears away what an owner that was killed left. errc::cancelled says that another process is the owner. A child that
    /// is forked later is an owner, too: then this process has to go without calling the destructor.
    [[nodiscard]] static basic_result<cluster_ownership> take(const cluster_paths& paths);

    cluster_ownership(cluster_ownership&&) noexcept = default;
    cluster_ownership& operator=(cluster_ownership&&) = delete;
    ~cluster_ownership();

  private:
    cluster_ownership(cluster_paths paths, unique_fd lock);

    cluster_paths paths_;
    unique_fd lock_;
};

enum class presence {
    absent,  ///< there is no such cluster
    swept,   ///< there was one that had been killed; what it left has been removed
    up,      ///< it has a living owner
};

/// Whether the cluster runs. Throws runtime_failure when its directory cannot be looked at.
[[nodiscard]] presence find_cluster(const cluster_paths& paths);

}  // namespace sheaf::up
