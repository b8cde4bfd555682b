// What an exchange server answers: who may have what, and where it is. The bytes are sent by somebody else.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/unique_fd.hpp"
#include "fetch/byte_range.hpp"
#include "fetch/exchange_target.hpp"
#include "fetch/http_request.hpp"
#include "fetch/run_place.hpp"
#include "fetch/run_shelf.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::fetch {

/// An answer: its head, and what of a file follows it.
struct exchange_reply {
    std::string head;
    unique_fd file;  ///< none: nothing follows
    byte_range part;
    bool close = false;  ///< the connection ends with it
};

/// The answer `status` to a request that cannot be read.
[[nodiscard]] exchange_reply refusal(unsigned status);

/// What else an exchange server does, for those who show its own key. Called on the server's thread.
struct host_duties {
    std::string key{};
    /// A worker of this host has files of a run, and wants a place for them.
    std::function<basic_result<run_place>(const std::string& run, const std::string& secret, const std::string& driver)>
        admit{};
    /// A run is over. Asked with the secret of the run, which where there is this duty also removes single files.
    std::function<void(const std::string& run)> dismiss{};
};

/// Answers requests. Only a run's secret opens its files; an unknown run and a wrong secret are told apart by nobody.
class exchange_desk {
  public:
    /// Without `duties`, files are all that there is.
    exchange_desk(const run_shelf& shelf, host_duties duties) : shelf_(shelf), duties_(std::move(duties)) {}

    [[nodiscard]] exchange_reply answer(const http_request& request) const;

  private:
    [[nodiscard]] exchange_reply give(const http_request& request, const exchange_target& what) const;
    [[nodiscard]] exchange_reply admit(const http_request& request, const exchange_target& what) const;
    [[nodiscard]] exchange_reply dismiss(const http_request& request, const exchange_target& what) const;
    [[nodiscard]] std::shared_ptr<const shelved_run> authorized(const http_request& request,
                                                                const exchange_target& what) const;

    const run_shelf& shelf_;
    const host_duties duties_;
};

}  // namespace sheaf::fetch
