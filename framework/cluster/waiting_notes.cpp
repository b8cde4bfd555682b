#include "cluster/waiting_notes.hpp"

namespace sheaf::detail {

std::vector<std::string> waiting_notes::look(const std::vector<server_report>& servers) {
    std::vector<std::string> lines;
    std::set<std::string> stuck;
    for (const server_report& server : servers) {
        for (const function_status& one : server.functions) {
            if (!matters(one)) continue;
            stuck.insert(one.name);
            if (!stuck_before_.contains(one.name) || !said_.insert(one.name).second) continue;
            lines.push_back(note(server, one.name));
        }
    }
    stuck_before_ = std::move(stuck);
    return lines;
}

bool waiting_notes::matters(const function_status& one) const {
    return one.is_stuck() && !one.is_internal() && bound_.contains(one.name) != own_cluster_;
}

std::string waiting_notes::note(const server_report& server, const std::string& task) const {
    if (own_cluster_) return "calls of \"" + task + "\" wait, and nobody offers it: bind it before app.run()";
    return "calls of \"" + task + "\" wait at " + server.server +
           ", where no worker offers it: start some, with sheaf worker --server " + server.server + " PROGRAM";
}

}  // namespace sheaf::detail
