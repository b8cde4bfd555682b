#include "cluster/background_attempt.hpp"

#include <chrono>

#include "background/job_report.hpp"

namespace sheaf::detail {

std::optional<unsigned> ask_attempt(runtime::client& through, std::size_t server, std::string_view handle) {
    if (server >= through.servers().size()) return std::nullopt;
    const auto said = through.run({.function = "sheaf.job",
                                   .payload = shared_bytes(handle),
                                   .deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1),
                                   .of_server = true,
                                   .server = server});
    if (said.how != runtime::job_end::kind::complete) return std::nullopt;
    const auto status = read_status(said.data.view());
    if (!status || status->state != background_state::running) return std::nullopt;
    return status->attempt;
}

}  // namespace sheaf::detail
