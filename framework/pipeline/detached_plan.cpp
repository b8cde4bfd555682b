#include <array>
#include <charconv>
#include <random>
#include <utility>

#include "pipeline/plan_walk.hpp"
#include <sheaf/detail/detached_plan.hpp>
#include <sheaf/detail/schema_writer.hpp>
#include <sheaf/detail/typed_errors.hpp>

namespace sheaf::detail {
namespace {

// What is left of a Gearman function's 64 characters for a plan's name.
constexpr std::size_t name_max = 42;

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

/// Writes of each node what must be the same in all programs that walk the plan.
struct node_text {
    std::string& to;

    void put(std::string_view word) { to.append(word).push_back(' '); }
    void put(std::uint64_t number) { put(std::to_string(number)); }

    void operator()(const call_node& what) {
        put(what.decides ? "filter" : "call");
        put(what.task.frame.task);
        put(what.task.frame.fingerprint);
    }
    void operator()(const apply_node& what) {
        put("apply");
        put(what.shape);
    }
    void operator()(const keep_node& what) {
        put("keep");
        put(what.shape);
    }
    void operator()(const block_node&) { put("block"); }
    void operator()(const pass_node&) { put("pass"); }
    void operator()(const spread_node& what) {
        put("spread");
        put(what.gate);
    }
    void operator()(const fork_node& what) {
        put("fork");
        put(what.gate);
        for (const node_index one : what.branches) put(one);
    }
    void operator()(const gate_node&) { put("gate"); }
    void operator()(const choose_node& what) {
        put("choose");
        for (const node_index one : what.branches) put(one);
    }
    void operator()(const batch_node&) { put("batch"); }
    void operator()(const flatten_node&) { put("flatten"); }
};

std::uint64_t fingerprint(const plan_graph& plan) {
    std::string text;
    node_text writer{text};
    for (const plan_node& one : plan.nodes) {
        writer.put(one.name);
        writer.put(one.next);
        writer.put(static_cast<std::uint64_t>(one.handling));
        std::visit(writer, one.what);
        text.push_back('\n');
    }
    return fnv1a64(text);
}

[[noreturn]] void refuse(const plan_graph& plan, const plan_node& step, const std::string& why) {
    throw not_supported(
        {.code = errc::not_supported,
         .message = "the pipeline \"" + plan.name + "\" cannot be detached: its step \"" + step.name + "\" " + why});
}

std::uint64_t draw() {
    thread_local std::random_device source;
    return std::uint64_t{source()} << 32U | source();
}

result<std::string> walk(const plan_graph& plan, std::string_view job) {
    const auto visit = protocol::read_visit(job);
    if (!visit) return failure{.code = errc::malformed, .message = visit.error().message};
    try {
        return plan_walk(plan, &draw).visit(*visit);
    } catch (...) {
        return capture_exception(std::current_exception(), throws<>{});
    }
}

}  // namespace

std::string plan_function(const plan_graph& plan) {
    std::string name;
    for (const char c : std::string_view(plan.name).substr(0, name_max)) name += is_plain(c) ? c : '_';
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), fingerprint(plan), 16).ptr;
    return name + ".next-" + std::string(digits.data(), end);
}

void check_detachable(const plan_graph& plan) {
    for (const plan_node& one : plan.nodes) {
        if (std::holds_alternative<flatten_node>(one.what)) {
            refuse(
                plan, one,
                "makes several items of one, and a detached run has one outcome. Leave it out, and use each() for what "
                "follows it");
        }
        if (std::holds_alternative<block_node>(one.what)) {
            refuse(plan, one,
                   "needs a driver that stays. Run the pipeline with cluster.run(), or do that step in a task, whose "
                   "handler has context::cluster()");
        }
        const auto* const call = std::get_if<call_node>(&one.what);
        if (call != nullptr && call->task.frame.stream) {
            refuse(plan, one, "gives a stream, for which somebody has to wait. Return a std::vector");
        }
    }
}

std::vector<binding> plan_bindings(std::shared_ptr<const plan_graph> plan) {
    check_detachable(*plan);
    binding made;
    made.name = plan_function(*plan);
    made.form = wire_form::raw;
    made.run = [plan = std::move(plan)](invocation&, std::string_view job) { return walk(*plan, job); };
    std::vector<binding> all;
    all.push_back(std::move(made));
    return all;
}

}  // namespace sheaf::detail
