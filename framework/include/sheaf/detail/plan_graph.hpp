// A plan as data: what is done with an item, step by step. Not for users.
//
// Nodes are in such an order that items only go forward. What passes along an edge is always bytes, in one form whatever
// the codec of the tasks: the encoding of the edge's type. So a stage's result is the next stage's argument as it is.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <sheaf/detail/call_engine.hpp>
#include <sheaf/pipeline_options.hpp>
#include <sheaf/runtime/shared_bytes.hpp>

namespace sheaf {
class cluster;
}

namespace sheaf::detail {

/// A node's place in plan_graph::nodes.
using node_index = std::uint32_t;
/// As a node's next: the end of the plan or, in a part of one, what is appended to it.
inline constexpr node_index open_end = ~node_index{0};

enum class failure_handling : std::uint8_t { fail, skip, collect };

/// The elements of an encoded container, one by one.
class element_source {
  public:
    virtual ~element_source() = default;
    /// The next element's encoding; false when there are no more.
    virtual bool next(shared_bytes& element) = 0;
};

/// Throws decode_error when `encoded` is not what it should be.
using open_elements = std::unique_ptr<element_source> (*)(const shared_bytes& encoded);
/// The encoding of a container or tuple of these.
using assemble_parts = shared_bytes (*)(const std::vector<shared_bytes>& parts);

/// A task as the driver needs to know it.
struct plan_task {
    raw_call frame;  ///< a call without its arguments
    /// The arguments as the task wants them, of an encoded item; null when they are the same. Throws decode_error.
    std::string (*to_arguments)(std::string_view item) = nullptr;
    /// The reverse, of a result; null when it is the same. Throws decode_error.
    shared_bytes (*from_result)(const shared_bytes& result) = nullptr;
    /// Throws what the task declares, or the classes of failure.hpp.
    void (*rethrow)(failure why) = nullptr;
};

/// Calls a task with the item; its result goes on.
struct call_node {
    plan_task task;
    call_options how{};
    stage_window window{};
    /// Equal keys are called one after the other. Null: all at once.
    std::function<std::string(std::string_view item)> key{};
    /// The result is a truth value: whether the item itself goes on.
    bool decides = false;
};
/// A local function of the item.
struct apply_node {
    std::function<shared_bytes(std::string_view item)> function;
    std::uint64_t shape = 0;  ///< of the types that it takes and gives, as they are encoded
};
/// A local function that says whether the item goes on.
struct keep_node {
    std::function<bool(std::string_view item)> function;
    std::uint64_t shape = 0;  ///< of the type that it takes
};
/// A local function that blocks, on a thread of its own.
struct block_node {
    std::function<shared_bytes(cluster& on, std::string_view item, const std::stop_token& stop)> function;
    std::size_t window = 1;
    /// Throws what the function threw; null: the classes of failure.hpp.
    void (*rethrow)(failure why) = nullptr;
};
/// Nothing: for its place, where items can be put in order.
struct pass_node {};
/// Sends each element of the item through what follows, up to the gate.
struct spread_node {
    open_elements open = nullptr;
    node_index gate = open_end;
};
/// Sends the item into each branch; their results meet at the gate.
struct fork_node {
    std::vector<node_index> branches;
    node_index gate = open_end;
};
/// Where the parts of an item meet; what they make goes on.
struct gate_node {
    assemble_parts assemble = nullptr;
};
/// Sends the item, an encoded variant, into the branch of its alternative.
struct choose_node {
    std::vector<node_index> branches;
};
/// Makes one item of several.
struct batch_node {
    std::size_t size = 1;
    std::chrono::milliseconds linger = forever;
    assemble_parts assemble = nullptr;
};
/// Makes several items of one.
struct flatten_node {
    open_elements open = nullptr;
};

struct plan_node {
    std::string name;  ///< empty of nodes that are no step of the user's
    std::variant<call_node, apply_node, keep_node, block_node, pass_node, spread_node, fork_node, gate_node,
                 choose_node, batch_node, flatten_node>
        what;
    node_index next = open_end;
    failure_handling handling = failure_handling::fail;
    bool ordered = false;  ///< items come to it in the order of the input
};

struct plan_graph {
    std::string name;
    std::vector<plan_node> nodes;

    void add(plan_node one);
    /// `more` follows what is there.
    void append(plan_graph more);
};

/// `body` for each element of an item.
[[nodiscard]] plan_graph make_each(open_elements open, plan_graph body, assemble_parts assemble);
/// All of `branches` for each item.
[[nodiscard]] plan_graph make_fork(std::vector<plan_graph> branches, assemble_parts assemble);
/// One of `branches` for each item. `tagged`: their results become alternatives of a variant.
[[nodiscard]] plan_graph make_choice(std::vector<plan_graph> branches, bool tagged);

/// The plan as Graphviz text.
[[nodiscard]] std::string draw(const plan_graph& plan);

}  // namespace sheaf::detail
