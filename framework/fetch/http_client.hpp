// What a process has for fetching: connections that are kept, and threads that fetch ahead.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "fetch/http_connection.hpp"
#include "fetch/task_threads.hpp"

namespace sheaf::fetch {

/// Any thread. Must outlive what was made with it.
class http_client {
  public:
    http_client() = default;
    ~http_client() = default;
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;

    /// A connection to the server of `to`, to be used by one thread.
    struct borrowed {
        std::unique_ptr<http_connection> connection;
        bool used = false;  ///< the server may have closed it meanwhile, which says nothing
    };
    [[nodiscard]] borrowed borrow(const url& to, const transport_terms& terms);
    /// Keeps it for the next one, if it may be asked again.
    void give_back(const url& to, std::unique_ptr<http_connection> connection);

    /// One question whose answer has no body that matters: its head. Tries again as `retries` says. Throws fetch_failure.
    [[nodiscard]] http_answer ask(std::string_view method, const url& what, const header_list& headers,
                                  const transport_terms& terms, unsigned attempts_max = 3);

    /// Runs `work` on a thread of this object.
    void run_ahead(std::function<void()> work) { threads_.run(std::move(work)); }

    /// What readers may fetch ahead at a time, each: less when there are many. To be told when one begins and ends to do so.
    [[nodiscard]] std::size_t window_bytes() const;
    void add_readers(int count);

  private:
    struct idle {
        std::unique_ptr<http_connection> connection;
        std::chrono::steady_clock::time_point since;
    };

    mutable std::mutex door_;
    std::unordered_map<std::string, std::vector<idle>> idle_;  // by server
    std::size_t readers_ = 0;
    task_threads threads_;
};

/// Runs `attempt` until it does not throw a passing fetch_failure, with pauses in between. Returns what it does.
void with_retries(const std::function<void()>& attempt, class retry_pace& pace, const std::stop_token& stop);

}  // namespace sheaf::fetch
