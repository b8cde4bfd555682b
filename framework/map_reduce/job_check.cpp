#include "map_reduce/job_check.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include "map_reduce/failure_rules.hpp"
#include "map_reduce/unit_events.hpp"

namespace sheaf::detail {
namespace {

constexpr std::chrono::milliseconds pause_between_tries{100};

error invalid(std::string message) { return {errc::invalid_argument, std::move(message)}; }

bool lacks_input(const map_reduce_options& how) {
    if (how.inputs.empty()) return how.input.spec() == nullptr;
    return std::ranges::any_of(how.inputs, [](const input& one) { return one.spec() == nullptr; });
}

// By which a later run finds what an earlier one has left.
bool has_name(const output& where) {
    const output_spec* const spec = where.spec();
    return spec != nullptr && (spec->place == output_place::directory || spec->place == output_place::file);
}

std::string count_of(std::size_t number, const char* what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

[[noreturn]] void throw_interrupted(const unit_calls& calls) {
    failure why;
    why.code = errc::cancelled;
    why.message = std::string(calls.job) + " was interrupted";
    throw cancelled(std::move(why));
}

result<job_shape> ask_once(const unit_calls& calls, call_engine& engine, const std::stop_token& stop) {
    const auto events = std::make_shared<unit_events>();
    const auto id = engine.submit(calls.describe(), {.deadline = forever, .priority = priority::high}, events, 0);
    while (!stop.stop_requested()) {
        for (unit_event& one : events->wait(std::nullopt, stop)) {
            if (one.ended) return calls.read_shape(std::move(*one.ended));
        }
    }
    engine.cancel(id);
    throw_interrupted(calls);
}

}  // namespace

job_shape ask_for_shape(const unit_calls& calls, call_engine& engine, const std::stop_token& stop) {
    unit_history history;
    for (;;) {
        auto shape = ask_once(calls, engine, stop);
        if (shape) return std::move(*shape);
        if (remedy_for(history, run_stage::sample, shape.error(), {}) == remedy::give_up)
            throw run_failed(shape.error());
        (void)unit_events().wait(std::chrono::steady_clock::now() + pause_between_tries, stop);
    }
}

std::optional<error> misfit_of(const job_shape& job, const map_reduce_options& how) {
    if (lacks_input(how)) return invalid("the run has no input: name it, as .input = sheaf::text_files(...)");
    if (how.attempts_max == 0) return invalid("attempts_max is 0: a run needs an attempt at each unit");
    if (how.stalled_after < how.stalled_after.zero())
        return invalid("stalled_after is less than nothing; 0 means never");
    if (how.resume && !has_name(how.output)) {
        return invalid(
            "only a run whose output has a name can be resumed: neither into(), to_sink() nor kept() has one");
    }
    const std::size_t inputs = how.inputs.empty() ? 1 : how.inputs.size();
    if (inputs != job.inputs) {
        return invalid("the job has " + count_of(job.inputs, "mapper") + ", and the run was given " +
                       count_of(inputs, "input") + ": name one for each, in their order, as .inputs = {...}");
    }
    if (how.side.schema() != job.side_schema) {
        if (job.side_schema.empty()) {
            return invalid("the run was given side data, but the job takes none: it has no with_side_data<T>() step");
        }
        if (how.side.schema().empty()) {
            return invalid("the job takes side data, and the run was given none: give it as .side = value");
        }
        return invalid("the job takes side data of " + job.side_schema + ", and the run was given " +
                       how.side.schema());
    }
    const output_spec* const output = how.output.spec();
    if (output == nullptr) return std::nullopt;
    const bool as_text = output->format.encoding == output_encoding::text;
    if (!as_text && job.pair_schema.empty()) {
        return invalid(
            "the job writes text of its own, which is no record of CSV or of a type: use text_parts() or "
            "single_file(), or "
            "end the job with reduce_to<key, value>() or join_to<key, value>() instead");
    }
    if (as_text && !job.pair_schema.empty() && !job.pairs_have_text) {
        return invalid(
            "the job gives keys and values of " + job.pair_schema +
            ", which have no text of their own: give it a format_with() step, or write csv_parts() or typed_parts()");
    }
    if (!output->format.schema.empty() && output->format.schema != job.pair_schema) {
        return invalid("the job gives keys and values of " + job.pair_schema + ", but the output takes " +
                       output->format.schema + ": the types in into() or to_sink() must be those that the job gives");
    }
    return std::nullopt;
}

}  // namespace sheaf::detail
