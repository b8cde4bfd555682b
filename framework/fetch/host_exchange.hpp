// What a host has for runs whose drivers share no directory with it: directories, and a server that gives out what is in them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "fetch/exchange_server.hpp"
#include "fetch/http_client.hpp"
#include "fetch/run_shelf.hpp"
#include "fetch/run_watch.hpp"
#include "output/leased_directory.hpp"
#include "sheaf/runtime/endpoint.hpp"

namespace sheaf::fetch {

/// Keeps a directory for each run that was admitted, until the run is dismissed (a DELETE of its driver's) or its driver's
/// exchange server says that it is over, or nothing for two minutes. Listens when there is a first run, and not before. What a
/// process that is killed leaves behind is removed by the next one. Any thread.
class host_exchange {
  public:
    /// `servers`: the job servers, whose peers are to reach this host.
    explicit host_exchange(std::vector<endpoint> servers, run_watch::limits limits = {});
    ~host_exchange();
    host_exchange(const host_exchange&) = delete;
    host_exchange& operator=(const host_exchange&) = delete;

    /// The run's place here, made when it is new. `driver` is the address of the run at its driver's exchange server.
    [[nodiscard]] basic_result<run_place> admit(const std::string& run, const std::string& secret,
                                                const std::string& driver);
    /// Removes the run's files, soon.
    void dismiss(const std::string& run);
    /// How many runs there are.
    [[nodiscard]] std::size_t runs() const;

  private:
    struct guest {
        detail::leased_directory directory;
        std::string secret;
        std::string driver;
        run_watch watch;
    };

    [[nodiscard]] basic_result<run_place> take_in(const std::string& run, const std::string& secret,
                                                  const std::string& driver);
    void start_serving();
    void look_after();
    void look_for(const std::string& run, std::unique_lock<std::mutex>& held);
    void let_go(const std::string& run);

    const std::vector<endpoint> servers_;
    const run_watch::limits limits_;
    run_shelf shelf_;
    http_client client_;
    std::unique_ptr<exchange_server> server_;

    mutable std::mutex door_;
    std::condition_variable changed_;
    std::unordered_map<std::string, guest> guests_;
    std::vector<guest> leaving_;  ///< whose directories are to be removed
    std::stop_source over_;
    std::thread keeper_;
};

}  // namespace sheaf::fetch
