// A driver's side of the exchange: its own server, when somebody needs it, and the hosts that have files of its run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_set>
#include <vector>

#include "fetch/exchange_server.hpp"
#include "fetch/run_shelf.hpp"
#include "fetch/task_threads.hpp"
#include "sheaf/runtime/endpoint.hpp"

namespace sheaf::fetch {

/// For one run. Used on the driver's thread. When it goes, the server does, and all hosts that are known to have files of the
/// run are told to remove them; those that do not hear it find out.
class driver_exchange {
  public:
    /// Costs nothing yet.
    driver_exchange(std::string run, std::string directory);
    ~driver_exchange();
    driver_exchange(const driver_exchange&) = delete;
    driver_exchange& operator=(const driver_exchange&) = delete;

    [[nodiscard]] const std::string& run() const noexcept { return run_; }
    [[nodiscard]] const std::string& secret() const noexcept { return secret_; }
    /// Of the run at this driver's server; empty until open().
    [[nodiscard]] const std::string& address() const noexcept { return address_; }

    [[nodiscard]] bool is_open() const noexcept { return server_ != nullptr; }
    /// Serves the files of the run's directory, and these inputs, from now on. `servers`: the job servers, whose peers are to
    /// reach this host. Throws runtime_failure.
    void open(std::unordered_set<std::string> inputs, const std::vector<endpoint>& servers);
    /// A host has files of the run at `location`: the run's address there.
    void note(const std::string& location);

    /// Brings files from `location` into `directory`, on another thread, under the names that are returned, in the same order;
    /// then calls `done` there, maybe with why some are not there.
    [[nodiscard]] std::vector<std::string> bring(const std::string& location, const std::vector<std::string>& files,
                                                 const std::string& directory,
                                                 std::function<void(basic_result<void>)> done);

    /// Removes a file of the run on another host, known by its address, some time on another thread. Whether that can be done is not told:
    /// all of them go with the run.
    void remove(const std::string& address);
    /// Finds out, on another thread, whether anybody listens where `location` is, and tells `done` there.
    void look_for_host(const std::string& location, std::function<void(bool found)> done);

  private:
    void dismiss_hosts();
    task_threads& threads();

    const std::string run_;
    const std::string secret_;
    const std::string directory_;
    std::string address_;
    run_shelf shelf_;
    std::unique_ptr<exchange_server> server_;
    std::set<std::string> hosts_;
    std::stop_source over_;
    std::uint64_t brought_ = 0;
    std::unique_ptr<task_threads> threads_;
    std::unique_ptr<task_threads> removers_;  // of their own: a host that is gone holds nobody up who wants files
};

}  // namespace sheaf::fetch
