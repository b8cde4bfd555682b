#include "run_model.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "message.hpp"
#include "protocol/run_orders.hpp"
#include "simulation.hpp"

namespace sheaf::sim {
namespace {

using protocol::frame_rule;
using protocol::visit_kind;

constexpr std::string_view mark = "run:";

// Gates: where what the parts make goes.
constexpr std::uint32_t ends_run = 1;
constexpr std::uint32_t gives_part = 2;
constexpr std::uint32_t calls_once_more = 3;
// Calls: what becomes of their answers.
constexpr std::uint32_t is_part = 10;
constexpr std::uint32_t becomes_part = 11;
constexpr std::uint32_t is_called_with = 12;
constexpr std::uint32_t is_outcome = 20;

// How often the call fails, whether its part is given up then, and its value.
struct call_words {
    unsigned failures = 0;
    bool is_given_up = false;
    std::string value;
};

std::string write(const call_words& words) {
    return std::string(mark) + static_cast<char>('0' + words.failures) + (words.is_given_up ? 'x' : 'v') + words.value;
}

call_words read(std::string_view payload) {
    payload.remove_prefix(mark.size());
    return {static_cast<unsigned>(payload[0] - '0'), payload[1] == 'x', std::string(payload.substr(2))};
}

/// Orders, and the texts that they have views of.
struct orders_text {
    protocol::run_orders orders;
    std::deque<std::string> texts;

    std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
    void call(const protocol::order_place& place, std::uint32_t node, const call_words& words, std::uint64_t delay_ms,
              const dice& roll) {
        orders.calls.push_back({.place = place,
                                .node = node,
                                .urgency = static_cast<protocol::priority>(roll(3)),
                                .answer_is_part = node == is_part,
                                .delay_ms = delay_ms,
                                .function = keep("f" + std::to_string(roll(3))),
                                .payload = keep(write(words))});
    }
};

class plan_maker {
  public:
    explicit plan_maker(const dice& roll) : roll_(roll) {}

    model_run make() {
        const bool has_last_call = roll_(2) == 0;
        const auto value = frame({}, has_last_call ? calls_once_more : ends_run, 0);
        model_run made{.item = protocol::write_orders(text_.orders),
                       .state = value ? broker::run_state::value : broker::run_state::nothing,
                       .outcome = value.value_or("")};
        if (value && has_last_call) made.outcome += '!';
        return made;
    }

  private:
    using made_value = std::optional<std::string>;

    made_value frame(const protocol::order_place& whole, std::uint32_t gate, int depth) {
        const auto parts = static_cast<std::uint32_t>(1 + roll_(3));
        const auto rule = roll_(3) == 0 ? frame_rule::all : frame_rule::leave_out;
        text_.orders.frames.push_back({.whole = whole, .gate = gate, .rule = rule, .parts = parts});
        const auto number = static_cast<std::uint32_t>(text_.orders.frames.size());
        std::string all = "(";
        bool is_whole = true;
        for (std::uint32_t slot = 0; slot < parts; ++slot) {
            const made_value one = part({number, slot}, depth + 1);
            is_whole = is_whole && one;
            all += one.value_or("");
        }
        if (rule == frame_rule::all && !is_whole) return std::nullopt;
        return all + ")";
    }
    made_value part(const protocol::order_place& place, int depth) {
        const std::uint64_t kind = roll_(12);
        if (kind == 0) {
            text_.orders.parts.push_back({.place = place});
            return std::nullopt;
        }
        if (kind < 3) {
            text_.orders.parts.push_back({.place = place, .is_there = true, .bytes = text_.keep("p")});
            return "p";
        }
        if (kind < 5 && depth < 4) return frame(place, gives_part, depth);
        return call(place);
    }
    made_value call(const protocol::order_place& place) {
        constexpr std::uint32_t kinds[] = {is_part, is_part, becomes_part, is_called_with};
        const std::uint32_t node = kinds[roll_(4)];
        call_words words{.failures = roll_(3) == 0 ? 1 + static_cast<unsigned>(roll_(3)) : 0,
                         .is_given_up = false,
                         .value = std::string(1, static_cast<char>('a' + roll_(26)))};
        words.is_given_up = words.failures != 0 && roll_(4) == 0;
        text_.call(place, node, words, roll_(4) == 0 ? roll_(300) : 0, roll_);
        if (words.is_given_up) return std::nullopt;
        return words.value + (node == becomes_part ? "+" : node == is_called_with ? "~" : "");
    }

    const dice& roll_;
    orders_text text_;
};

void end_with(orders_text& made, std::string value) {
    made.orders.end = protocol::run_end::value;
    made.orders.outcome = made.keep(std::move(value));
}

void give_part(orders_text& made, std::string value) {
    made.orders.parts.push_back({.place = {}, .is_there = true, .bytes = made.keep(std::move(value))});
}

void go_on_with_answer(orders_text& made, const protocol::run_visit& visit, const dice& roll) {
    const std::string value(visit.data);
    if (visit.node == is_outcome) return end_with(made, value + "!");
    if (visit.node == becomes_part) return give_part(made, value + "+");
    made.call({}, is_part, {.value = value + "~"}, 0, roll);
}

void go_on_with_parts(orders_text& made, const protocol::run_visit& visit, const dice& roll) {
    const auto parts = protocol::read_parts(visit.data);
    if (!parts) throw violation("a join has parts that cannot be read");
    std::string all = "(";
    for (const protocol::frame_part& one : *parts) all += one.bytes;
    all += ")";
    if (visit.node == ends_run) return end_with(made, all);
    if (visit.node == gives_part) return give_part(made, all);
    made.call({}, is_outcome, {.value = all}, 0, roll);
}

// What is lost is no failure of the call's.
void try_again(orders_text& made, const protocol::run_visit& visit, const dice& roll) {
    if (!is_of_model(visit.request)) throw violation("a visit with a failure has not what was asked");
    call_words words = read(visit.request);
    if (visit.kind != visit_kind::lost && words.failures != 0 && --words.failures == 0 && words.is_given_up) {
        return made.orders.parts.push_back({.place = {}});
    }
    made.call({}, visit.node, words, roll(2) == 0 ? roll(200) : 0, roll);
}

}  // namespace

model_run draw_run(const dice& roll) {
    if (roll(15) != 0) return plan_maker(roll).make();
    return {.item = "these are no orders", .state = broker::run_state::broken, .outcome = {}};
}

std::string walk_model(std::string_view bytes, const dice& roll) {
    const auto visit = protocol::read_visit(bytes);
    if (!visit) throw violation("a visit cannot be read");
    orders_text made;
    switch (visit->kind) {
        case visit_kind::item: return std::string(visit->data);
        case visit_kind::answer: go_on_with_answer(made, *visit, roll); break;
        case visit_kind::parts: go_on_with_parts(made, *visit, roll); break;
        default: try_again(made, *visit, roll); break;
    }
    return protocol::write_orders(made.orders);
}

bool is_of_model(std::string_view payload) { return payload.starts_with(mark) && payload.size() > mark.size() + 1; }

call_answer answer_call(std::string_view payload) {
    call_words words = read(payload);
    return {.fails = words.failures != 0, .value = std::move(words.value)};
}

}  // namespace sheaf::sim
