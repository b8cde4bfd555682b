#include "server/hub_terms.hpp"

#include <random>
#include <unistd.h>

#include "server/handle_prefix.hpp"

namespace sheaf::server {
namespace {

broker::shutdown_right right_of(runtime::shutdown_command how) {
    switch (how) {
        case runtime::shutdown_command::refused: return broker::shutdown_right::nobody;
        case runtime::shutdown_command::from_unix_sockets: return broker::shutdown_right::unix_sockets;
        case runtime::shutdown_command::from_everyone: return broker::shutdown_right::everyone;
    }
    return broker::shutdown_right::nobody;
}

// Of a job's number: the life of the store, and which job of that life it is.
constexpr unsigned life_shift = 40;

std::string name_of(const runtime::server_options& how) {
    if (!how.keeps_jobs()) return "none";
    return how.kept == runtime::durability::relaxed ? "relaxed" : "full";
}

}  // namespace

std::string prefix_of(const runtime::server_options& how, const store::identity& who) {
    return make_handle_prefix(how.handle_prefix.empty() ? default_prefix() : how.handle_prefix, who.made_at, who.token);
}

queue_facts facts_of(const runtime::server_options& how, const store::identity& who) {
    return {.durability = name_of(how),
            .name = make_handle_prefix({}, who.made_at, who.token).substr(1),
            .payload_max = how.packet_bytes_max};
}

broker::options broker_options(const runtime::server_options& how, const store::identity& who) {
    std::random_device random;
    broker::options options;
    options.handle_prefix = prefix_of(how, who);
    options.first_job = broker::job_id{((who.life - 1) << life_shift) + 1};
    options.job_retries = how.job_retries;
    options.worker_wakeup = how.worker_wakeup;
    options.exceptions_by_default = how.exceptions;
    options.timeout_unit =
        how.timeouts == runtime::timeout_unit::seconds ? std::chrono::milliseconds{1000} : std::chrono::milliseconds{1};
    options.background_attempts = how.background_attempts;
    options.result_keep = how.result_keep;
    options.result_bytes_max = how.result_bytes_max;
    if (how.keeps_jobs()) options.queue_bytes_max = how.queue_bytes_max;
    options.job_bytes_max = how.packet_bytes_max;
    options.shutdown = right_of(how.shutdown);
    options.verbosity = how.verbosity;
    options.version = runtime::version();
    options.process_id = ::getpid();
    options.hash_seed = std::uint64_t{random()} << 32 | random();
    return options;
}

}  // namespace sheaf::server
