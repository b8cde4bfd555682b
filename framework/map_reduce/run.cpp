// From a user's options to a run: what is checked and planned before the first attempt starts.
#include <algorithm>
#include <cstdio>
#include <limits>
#include <unistd.h>

#include "map_reduce/driver.hpp"
#include <sheaf/server_status.hpp>

namespace sheaf::detail {
namespace {

/// What a cluster is planned for while nobody is there to do the work.
constexpr std::size_t slots_assumed = 8;

template <class T>
T or_throw(basic_result<T, error> outcome) {
    if (!outcome) throw_failed(outcome.error());
    return std::move(*outcome);
}

std::uint64_t default_memory() {
    const auto pages = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PHYS_PAGES), 0L));
    const auto page = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PAGESIZE), 0L));
    return std::clamp<std::uint64_t>(pages * page / 8, 16U << 20, 256U << 20);
}

// Asks all servers how many workers offer the job's map function. Workers serve every server of their list, so each server
// counts the same ones: the greatest count is theirs, the sum would count them twice. Fails when no server answers.
std::size_t ask_for_slots(const unit_calls& calls, call_engine& engine) {
    const std::vector<server_report> reports = ask_status(engine.client(), std::chrono::seconds(5));
    std::size_t slots = 0;
    bool answered = false;
    for (const server_report& report : reports) {
        answered |= !report.problem;
        slots = std::max<std::size_t>(slots, report.function(calls.map_function).workers);
    }
    if (!answered) {
        const error& why = reports.front().problem.value();
        throw_failed({why.code, "cannot ask for the job's workers: " + why.message +
                                    "; is the server that SHEAF_SERVER names running?"});
    }
    return slots;
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

run_setup plan_setup(const map_reduce_options& how, std::size_t slots) {
    run_setup setup;
    setup.waits_for_workers = slots == 0;
    setup.slots = slots != 0 ? slots : slots_assumed;
    setup.began = std::chrono::steady_clock::now();
    setup.id = make_run_id();
    setup.input = or_throw(plan_inputs(inputs_of(how), {.slots = setup.slots, .bytes_exact = how.split_bytes}));
    setup.partitions = how.partitions != 0 ? how.partitions : plan_partitions(setup.input.bytes, setup.slots);
    setup.memory = how.memory != 0 ? how.memory : default_memory();
    if (setup.input.splits.size() > std::numeric_limits<std::uint32_t>::max() / 2 ||
        setup.partitions > partitions_max) {
        throw_failed({errc::invalid_argument,
                      "a run has at most " + std::to_string(partitions_max) + " partitions and 2,147,483,647 splits"});
    }
    return setup;
}

}  // namespace

map_reduce_report run_map_reduce(const unit_calls& calls, call_engine& engine, std::size_t slots,
                                 map_reduce_options how) {
    if (slots == 0) slots = ask_for_slots(calls, engine);
    run_setup setup = plan_setup(how, slots);
    output_directory output = or_throw(output_directory::prepare(how.output, setup.id));
    run_directory work = or_throw(run_directory::make(or_throw(run_directories_root()), setup.id));
    if (setup.waits_for_workers && how.progress) say_that_workers_are_missing(calls);
    return run_driver(calls, engine, how, std::move(setup), std::move(work), std::move(output)).run();
}

}  // namespace sheaf::detail
