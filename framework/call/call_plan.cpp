#include "call/call_plan.hpp"

#include <algorithm>
#include <xxhash.h>

#include "call/call_end.hpp"
#include "call/call_machine.hpp"
#include <sheaf/detail/envelope.hpp>

namespace sheaf::detail {
namespace {

using std::chrono::steady_clock;

steady_clock::time_point end_of(const raw_call& call, std::chrono::milliseconds deadline) {
    if (deadline > longest_time) return call.until;
    return std::min(call.until, steady_clock::now() + std::max(deadline, std::chrono::milliseconds(0)));
}

// A clock that never runs out need not run.
std::chrono::milliseconds running(std::chrono::milliseconds clock) {
    return clock.count() < 0 || clock > longest_time ? std::chrono::milliseconds(0) : clock;
}

}  // namespace

// Stock servers take no more than 63 bytes.
std::string key_of_arguments(const raw_call& call) {
    const XXH64_hash_t seed = XXH3_64bits_withSeed(call.task.data(), call.task.size(), call.fingerprint);
    const XXH128_hash_t hash = XXH3_128bits_withSeed(call.arguments.data(), call.arguments.size(), seed);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string key = "args-";
    for (const std::uint64_t half : {hash.high64, hash.low64}) {
        for (int shift = 60; shift >= 0; shift -= 4) key += digits[half >> static_cast<unsigned>(shift) & 15U];
    }
    return key;
}

call_plan make_plan(const raw_call& call, const call_options& how, call_sender::call_id id, std::uint64_t seed) {
    call_plan plan;
    plan.id = id;
    plan.task = call.task;
    plan.schema = call.schema;
    plan.unique = how.unique.derived() ? key_of_arguments(call) : how.unique.key();
    plan.form = call.form;
    plan.error_names = call.error_names;
    plan.priority = how.priority;
    plan.pack = call.pack != 0;
    plan.stream = call.stream;
    plan.idempotent = call.idempotent;
    plan.own_key = call.own_key;
    plan.until = end_of(call, how.deadline);
    plan.deadline = how.deadline;
    plan.attempt_timeout = running(how.attempt_timeout);
    plan.queue_timeout = running(how.queue_timeout);
    plan.heartbeat = running(how.heartbeat);
    plan.hedge = running(how.hedge);
    plan.typed_again = call.typed_again;
    if (how.retry.attempts() > 1) plan.retry = std::make_shared<const retry>(how.retry);
    plan.request =
        call.form == wire_form::enveloped
            ? write_request({.fingerprint = call.fingerprint,
                             .call = call_machine::attempt_name(seed, id, 0),
                             .attempts = static_cast<std::uint16_t>(std::min(host_attempts(plan, 0), 0xffffU)),
                             .attempt_timeout = plan.attempt_timeout,
                             .heartbeat = plan.heartbeat,
                             .pack = plan.pack,
                             .announce = plan.wants_announcement()},
                            call.arguments)
            : shared_bytes(call.arguments);
    return plan;
}

shared_bytes request_of(const call_plan& plan, std::uint64_t name, unsigned attempts, unsigned tried) {
    if (plan.form != wire_form::enveloped) return plan.request;
    auto terms = read_request(plan.request.view());
    if (!terms) return plan.request;
    terms->call = name;
    terms->attempts = static_cast<std::uint16_t>(std::min(attempts, 0xffffU));
    terms->tried = static_cast<std::uint16_t>(std::min(tried, 0xffffU));
    return write_request(*terms, terms->arguments);
}

}  // namespace sheaf::detail
