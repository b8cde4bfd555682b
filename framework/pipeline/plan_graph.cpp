#include <utility>

#include <sheaf/detail/encode_value.hpp>
#include <sheaf/detail/plan_graph.hpp>

namespace sheaf::detail {
namespace {

enum class line { main, side };

/// Moves `part` to the end of `whole`; what its open ends lead to is `next`. Where it begins there. On a side line, items
/// have no order of their own.
node_index place(plan_graph& whole, plan_graph part, node_index next, line on = line::side) {
    const auto offset = static_cast<node_index>(whole.nodes.size());
    const auto moved = [offset](node_index& at) { at += offset; };
    for (plan_node& one : part.nodes) {
        one.next = one.next == open_end ? next : one.next + offset;
        one.ordered = one.ordered && on == line::main;
        if (auto* spread = std::get_if<spread_node>(&one.what)) moved(spread->gate);
        if (auto* fork = std::get_if<fork_node>(&one.what)) {
            moved(fork->gate);
            for (node_index& branch : fork->branches) moved(branch);
        }
        if (auto* choice = std::get_if<choose_node>(&one.what)) {
            for (node_index& branch : choice->branches) moved(branch);
        }
        whole.nodes.push_back(std::move(one));
    }
    return offset;
}

node_index count_nodes(const std::vector<plan_graph>& parts) {
    std::size_t count = 0;
    for (const plan_graph& one : parts) count += one.nodes.size();
    return static_cast<node_index>(count);
}

/// A step that puts a variant's index in front of the alternative's value.
plan_graph make_tag(std::size_t index) {
    std::string tag;
    append_count(tag, index);
    plan_graph made;
    made.add({.name = {},
              .what = apply_node{[tag](std::string_view value) { return shared_bytes(tag + std::string(value)); }}});
    return made;
}

}  // namespace

void plan_graph::add(plan_node one) { nodes.push_back(std::move(one)); }

void plan_graph::append(plan_graph more) {
    const auto here = static_cast<node_index>(nodes.size());
    for (plan_node& one : nodes) {
        if (one.next == open_end) one.next = here;
    }
    place(*this, std::move(more), open_end, line::main);
}

plan_graph make_each(open_elements open, plan_graph body, assemble_parts assemble) {
    plan_graph made;
    const auto gate = static_cast<node_index>(body.nodes.size() + 1);
    made.add({.name = {}, .what = spread_node{open, gate}, .next = 1});
    place(made, std::move(body), gate);
    made.add({.name = {}, .what = gate_node{assemble}});
    return made;
}

plan_graph make_fork(std::vector<plan_graph> branches, assemble_parts assemble) {
    plan_graph made;
    const node_index gate = count_nodes(branches) + 1;
    made.add({.name = {}, .what = fork_node{{}, gate}, .next = gate});
    fork_node opened{{}, gate};
    for (plan_graph& branch : branches) opened.branches.push_back(place(made, std::move(branch), gate));
    made.nodes.front().what = std::move(opened);
    made.add({.name = {}, .what = gate_node{assemble}});
    return made;
}

plan_graph make_choice(std::vector<plan_graph> branches, bool tagged) {
    if (tagged) {
        for (std::size_t index = 0; index < branches.size(); ++index) branches[index].append(make_tag(index));
    }
    plan_graph made;
    const node_index merge = count_nodes(branches) + 1;
    made.add({.name = {}, .what = choose_node{}, .next = merge});
    choose_node chooser;
    for (plan_graph& branch : branches) chooser.branches.push_back(place(made, std::move(branch), merge));
    made.nodes.front().what = std::move(chooser);
    made.add({.name = {}, .what = pass_node{}});
    return made;
}

}  // namespace sheaf::detail
