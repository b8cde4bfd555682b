#include "apps/server_wait.hpp"

#include <utility>

#include <sheaf/runtime/client.hpp>

namespace sheaf::apps {
namespace {

constexpr std::chrono::seconds between_probes{1};

}  // namespace

void wait_for_server(const std::vector<endpoint>& servers,
                     const std::function<bool(std::chrono::milliseconds)>& is_over,
                     const std::function<void(const std::string&)>& say) {
    runtime::client probe({.servers = servers});
    for (bool told = false; !is_over(std::chrono::milliseconds(0));) {
        const auto answer = probe.echo("ready?", between_probes);
        if (answer) return;
        if (!std::exchange(told, true)) {
            say("no server answers yet, the workers keep trying: " + answer.error().message);
        }
        if (is_over(between_probes)) return;
    }
}

}  // namespace sheaf::apps
