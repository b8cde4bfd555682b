// What a driver says of calls that wait because no worker offers their task.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <sheaf/server_status.hpp>

namespace sheaf::detail {

/// Decides what to say after each look at the servers. On a cluster of the program's own that is what the program does not
/// bind: nobody else will. On one that is shared, it is what the program does bind, for which somebody has to start workers;
/// of other functions it knows nothing.
class waiting_notes {
  public:
    /// `bound`: the names of the program's tasks. `own_cluster`: whether all workers run this program.
    waiting_notes(std::set<std::string> bound, bool own_cluster)
        : bound_(std::move(bound)), own_cluster_(own_cluster) {}

    /// A line for each function that was stuck at the last look and still is; once for each.
    [[nodiscard]] std::vector<std::string> look(const std::vector<server_report>& servers);

  private:
    [[nodiscard]] bool matters(const function_status& one) const;
    [[nodiscard]] std::string note(const server_report& server, const std::string& task) const;

    const std::set<std::string> bound_;
    const bool own_cluster_;
    std::set<std::string> stuck_before_;
    std::set<std::string> said_;
};

}  // namespace sheaf::detail
