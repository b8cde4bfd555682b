// From a user's options to a run: what is checked and planned before the first attempt starts.
#include <algorithm>
#include <cstdio>
#include <limits>
#include <unistd.h>

#include "fetch/this_host.hpp"
#include "map_reduce/bad_record_file.hpp"
#include "map_reduce/driver.hpp"
#include "map_reduce/job_check.hpp"
#include "map_reduce/run_identity.hpp"
#include "map_reduce/run_thread.hpp"
#include "map_reduce/sampling.hpp"
#include "map_reduce/side_file.hpp"
#include <sheaf/map_reduce_run.hpp>
#include <sheaf/server_status.hpp>

namespace sheaf::detail {
namespace {

/// What a cluster is planned for while nobody is there to do the work.
constexpr std::size_t slots_assumed = 8;

std::uint64_t default_memory() {
    const auto pages = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PHYS_PAGES), 0L));
    const auto page = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PAGESIZE), 0L));
    return std::clamp<std::uint64_t>(pages * page / 8, 16U << 20, 256U << 20);
}

// How many workers offer the job's map function, according to all servers. Workers serve every server of their list, so each
// server counts the same ones: the greatest count is theirs, the sum would count them twice. Nothing when no server answers.
std::optional<std::size_t> slots_in(const std::vector<server_report>& reports, std::string_view function) {
    std::optional<std::size_t> slots;
    for (const server_report& report : reports) {
        if (!report.problem) slots = std::max<std::size_t>(slots.value_or(0), report.function(function).workers);
    }
    return slots;
}

std::size_t ask_for_slots(const unit_calls& calls, call_engine& engine) {
    std::vector<server_report> reports;
    // A server that is restarted just now breaks the connection, and answers the next time.
    for (int tries_left = 5; tries_left > 0; --tries_left) {
        reports = ask_status(engine.client(), std::chrono::seconds(5));
        if (const auto slots = slots_in(reports, calls.map_function)) return *slots;
        if (reports.front().problem.value().code != errc::connection_lost) break;
    }
    const error& why = reports.front().problem.value();
    throw_failed({why.code, "cannot ask for the job's workers of the servers in SHEAF_SERVER: " + why.message});
}

// Nothing would happen, for as long as it takes: whoever waits should know why, terminal or not.
void say_that_workers_are_missing(const unit_calls& calls) {
    std::fprintf(stderr, "%.*s: no worker offers %.*s yet; waiting (\"sheaf worker\" with this program starts some)\n",
                 static_cast<int>(calls.job.size()), calls.job.data(), static_cast<int>(calls.map_function.size()),
                 calls.map_function.data());
}

std::vector<input> inputs_of(const map_reduce_options& how) {
    if (how.inputs.empty()) return {how.input};
    if (how.input.spec() == nullptr) return how.inputs;
    throw_failed(
        {errc::invalid_argument, "a run has `.input`, or `.inputs` for a job with several mappers, but not both"});
}

std::uint32_t wanted_partitions(const map_reduce_options& how, const run_setup& setup) {
    // What is sorted in memory should fit it, and sorts faster in what the processor's caches hold.
    constexpr std::uint64_t sorted_at_once = 16U << 20;
    const std::uint64_t partition_bytes = setup.job.keeps_records ? std::min(sorted_at_once, setup.memory / 4 + 1) : 0;
    const std::uint32_t partitions =
        how.partitions != 0 ? how.partitions : plan_partitions(setup.input.bytes, setup.slots, partition_bytes);
    if (partitions <= partitions_max) return partitions;
    throw_failed({errc::invalid_argument, "a run has at most " + std::to_string(partitions_max) + " partitions"});
}

// A reduce attempt costs a round trip, however little there is to do: of many partitions it takes several.
std::uint32_t partitions_per_unit(std::uint32_t partitions, std::size_t slots) {
    constexpr std::size_t units_per_slot = 16;
    return static_cast<std::uint32_t>(1 + (partitions - 1) / std::max<std::size_t>(64, units_per_slot * slots));
}

run_setup plan_setup(const map_reduce_options& how, std::size_t slots) {
    run_setup setup;
    setup.began = std::chrono::steady_clock::now();
    setup.waits_for_workers = slots == 0;
    setup.slots = slots != 0 ? slots : slots_assumed;
    setup.input = or_throw(plan_inputs(
        inputs_of(how), {.slots = setup.slots, .bytes_exact = how.split_bytes},
        [&how](const std::string& address) { return fetch::this_host::get().open(address, {}, how.stop); }));
    setup.memory = how.memory != 0 ? how.memory : default_memory();
    setup.compress = how.compress_spills;
    if (setup.input.splits.size() > std::numeric_limits<std::uint32_t>::max() / 2) {
        throw_failed({errc::invalid_argument, "a run has at most 2,147,483,647 splits: make split_bytes larger"});
    }
    return setup;
}

// Before there is any work that would be for nothing. A run that was taken over when its output was about to appear may have made the file.
void check_bad_records_file(const map_reduce_options& how, run_state& state) {
    if (how.bad_records == 0 || state.account.publishing()) return;
    const auto done = check_bad_records_path(bad_records_path(how, state.output.path()), how.overwrite);
    if (done) return;
    if (state.units_resumed != 0) state.leave();
    throw_failed(done.error());
}

map_reduce_report run_map_reduce(const unit_calls& calls, call_engine& engine, std::size_t slots,
                                 const map_reduce_options& how, const run_company& company) {
    if (slots == 0) slots = ask_for_slots(calls, engine);
    if (slots == 0 && how.progress) say_that_workers_are_missing(calls);
    job_shape job = ask_for_shape(calls, engine, company.stop);
    if (auto why = misfit_of(job, how)) throw_failed(*why);
    run_setup setup = plan_setup(how, slots);
    setup.job = std::move(job);
    std::vector<run_trait> identity = identity_of(calls.job, calls.map({}).fingerprint, setup.input, how);
    const std::uint32_t partitions = setup.job.map_only ? 0 : wanted_partitions(how, setup);
    if (setup.job.by_range && partitions > 1) setup.sampled = plan_samples(setup.input.splits, setup.slots);
    const std::uint32_t groups = groups_for(setup.job, setup.input.splits.size());
    run_state state = or_throw(begin_run({std::move(identity), how, setup.input, partitions,
                                          partitions_per_unit(std::max(1U, partitions), setup.slots), groups}));
    if (state.account.has_boundaries()) setup.sampled.clear();  // which are what samples are for
    try {
        check_bad_records_file(how, state);
        setup.side = write_side_data(how.side, state.work.path());
    } catch (...) {
        if (how.resume) state.leave();  // which is not to blame
        throw;
    }
    state.output.set_schema(setup.job.pair_schema);
    return run_driver(calls, engine, how, std::move(setup), std::move(state), company).run();
}

}  // namespace

map_reduce_run start_map_reduce(const unit_calls& calls, call_engine& engine, std::size_t slots,
                                map_reduce_options how) {
    std::stop_token stop = std::exchange(how.stop, {});
    return map_reduce_run(std::make_unique<run_thread>(
        [&calls, &engine, slots, how = std::move(how)](run_board& board, const std::stop_token& until) {
            return run_map_reduce(calls, engine, slots, how, {board, until});
        },
        std::move(stop)));
}

}  // namespace sheaf::detail
