// A plan as Graphviz text.
#include <string>
#include <string_view>

#include <sheaf/detail/plan_graph.hpp>

namespace sheaf::detail {
namespace {

/// A Graphviz string literal.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) >= 0x20) {
            out += c;
        }
    }
    return out += '"';
}

struct look {
    std::string_view shape;
    std::string label;
};

struct looks {
    std::string_view name;

    look operator()(const call_node& one) const {
        return {one.decides ? "diamond" : "box", std::string(name) + (one.key ? "\nby key" : "")};
    }
    look operator()(const apply_node& /*one*/) const { return {"ellipse", name.empty() ? "tag" : std::string(name)}; }
    look operator()(const keep_node& /*one*/) const { return {"diamond", std::string(name)}; }
    look operator()(const block_node& /*one*/) const { return {"box3d", std::string(name)}; }
    look operator()(const pass_node& /*one*/) const { return {"point", std::string(name)}; }
    look operator()(const spread_node& /*one*/) const { return {"trapezium", "each"}; }
    look operator()(const fork_node& /*one*/) const { return {"triangle", "fork"}; }
    look operator()(const gate_node& /*one*/) const { return {"invtriangle", "join"}; }
    look operator()(const choose_node& /*one*/) const { return {"diamond", "branch"}; }
    look operator()(const batch_node& one) const { return {"invtrapezium", "batch " + std::to_string(one.size)}; }
    look operator()(const flatten_node& /*one*/) const { return {"trapezium", "flatten"}; }
};

std::string place(const plan_graph& plan, node_index at) {
    return at < plan.nodes.size() ? "n" + std::to_string(at) : "out";
}

void draw_edge(std::string& out, const plan_graph& plan, node_index from, node_index to, std::string_view label = {}) {
    out += "  " + place(plan, from) + " -> " + place(plan, to);
    if (!label.empty()) out += " [label=" + quoted(label) + "]";
    out += ";\n";
}

void draw_edges(std::string& out, const plan_graph& plan, node_index from) {
    const plan_node& node = plan.nodes[from];
    if (const auto* fork = std::get_if<fork_node>(&node.what)) {
        for (const node_index branch : fork->branches) draw_edge(out, plan, from, branch);
    } else if (const auto* choice = std::get_if<choose_node>(&node.what)) {
        for (std::size_t index = 0; index < choice->branches.size(); ++index) {
            draw_edge(out, plan, from, choice->branches[index], std::to_string(index));
        }
    } else {
        draw_edge(out, plan, from, node.next);
    }
}

}  // namespace

std::string draw(const plan_graph& plan) {
    std::string out = "digraph " + quoted(plan.name) + " {\n  rankdir=LR;\n  in [shape=plaintext];\n";
    for (node_index at = 0; at < plan.nodes.size(); ++at) {
        const plan_node& node = plan.nodes[at];
        const look how = std::visit(looks{node.name}, node.what);
        out += "  " + place(plan, at) + " [shape=" + std::string(how.shape) + ", label=" + quoted(how.label) + "];\n";
    }
    out += "  out [shape=plaintext];\n  in -> " + place(plan, 0) + ";\n";
    for (node_index at = 0; at < plan.nodes.size(); ++at) draw_edges(out, plan, at);
    return out += "}\n";
}

}  // namespace sheaf::detail
