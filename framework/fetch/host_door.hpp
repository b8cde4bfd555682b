// How worker processes ask their supervisor for a place for a run: it outlives them, and so does what they leave there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fetch/exchange_server.hpp"
#include "fetch/host_exchange.hpp"
#include "fetch/run_shelf.hpp"

namespace sheaf::fetch {

/// In a supervisor: answers on the loopback interface alone, to those who know the key. Any thread.
class host_door {
  public:
    /// Listens, where there is a loopback interface. `servers` as for host_exchange.
    explicit host_door(std::vector<endpoint> servers);
    host_door(const host_door&) = delete;
    host_door& operator=(const host_door&) = delete;

    /// For the environment of workers, "NAME=value": where it is, and the key. Nothing when it does not listen: workers then
    /// keep the files of runs themselves, for as long as they live.
    [[nodiscard]] std::vector<std::string> variables() const;

  private:
    host_exchange host_;
    run_shelf nothing_;
    std::string key_;
    std::unique_ptr<exchange_server> server_;
};

/// In a worker: where its supervisor's door is.
struct door_address {
    std::string origin;
    std::string key;
};

/// Takes what variables() says out of this process's environment; both empty when it is not there. Call before there are other
/// threads.
[[nodiscard]] door_address take_door_address();

/// Asks for a place for the run. Throws fetch_failure.
[[nodiscard]] run_place ask_at_door(http_client& by, const door_address& door, const std::string& run,
                                    const std::string& secret, const std::string& driver);

}  // namespace sheaf::fetch
