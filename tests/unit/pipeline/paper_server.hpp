// A detached run on paper: what a server does with the orders of visits, without a server.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "paper_run.hpp"
#include "pipeline/plan_walk.hpp"
#include <sheaf/detail/envelope.hpp>

namespace paper {

namespace protocol = sheaf::protocol;

class server {
  public:
    explicit server(std::shared_ptr<const sheaf::detail::plan_graph> plan) : plan_(std::move(plan)) {}

    /// A call that has not been answered.
    struct job {
        std::string function;
        std::string payload;
        std::uint32_t node = 0;
        std::uint32_t tried = 0;
        std::uint64_t delay_ms = 0;
        bool answer_is_part = false;
        bool wants_request = false;
        std::pair<std::size_t, std::uint32_t> place;  // of frames_; 0: the main line
    };

    void begin(const std::string& item) { visit({.kind = protocol::visit_kind::item, .data = item}, {}); }

    /// Answers call `at` as its handler does.
    void answer(std::size_t at = 0) {
        const auto request = sheaf::detail::read_request(calls.at(at).payload);
        const std::string arguments(request ? request->arguments : std::string_view(calls[at].payload));
        const raw_result result = answers.at(calls[at].function)(arguments);
        if (!result) return end(at, protocol::visit_kind::exception, sheaf::detail::write_failure(result.error()));
        end(at, protocol::visit_kind::answer, request ? sheaf::detail::write_answer(result->view()) : *result);
    }
    void end(std::size_t at, protocol::visit_kind how, const shared_bytes& data) {
        const job one = calls.at(at);
        calls.erase(calls.begin() + static_cast<std::ptrdiff_t>(at));
        if (how == protocol::visit_kind::answer && one.answer_is_part) {
            std::string part;
            protocol::append_part(part, {.is_answer = true, .node = one.node, .bytes = data.view()});
            return fill(one.place, part);
        }
        const bool has_request = how != protocol::visit_kind::answer || one.wants_request;
        visit({.kind = how,
               .node = one.node,
               .tried = one.tried,
               .request = has_request ? std::string_view(one.payload) : std::string_view(),
               .data = data.view()},
              one.place);
    }
    /// Answers all calls; the oldest first, or in the order that `random` says.
    void finish(std::mt19937* random = nullptr) {
        while (ended == protocol::run_end::none && !calls.empty()) {
            answer(random == nullptr ? 0 : (*random)() % calls.size());
        }
    }

    template <class Out>
    [[nodiscard]] Out value() const {
        EXPECT_EQ(ended, protocol::run_end::value);
        return sheaf::detail::decode_edge<Out>(outcome);
    }
    [[nodiscard]] failure why() const {
        EXPECT_EQ(ended, protocol::run_end::failure);
        return sheaf::detail::read_failure(outcome);
    }

    std::vector<job> calls;
    handler_table answers = handlers();
    protocol::run_end ended = protocol::run_end::none;
    std::string outcome;
    std::size_t visits = 0;
    std::size_t largest_orders = 0;

  private:
    using where = std::pair<std::size_t, std::uint32_t>;
    struct frame {
        where whole;
        std::uint32_t gate = 0;
        protocol::frame_rule rule = protocol::frame_rule::leave_out;
        std::vector<std::string> parts;
        std::size_t missing = 0;
        bool is_gone = false;
    };

    void visit(const protocol::run_visit& what, const where& at) {
        ++visits;
        const std::string packet = protocol::write_visit_head(what) + std::string(what.data);
        const auto read = protocol::read_visit(packet);
        ASSERT_TRUE(read);
        const std::string said = sheaf::detail::plan_walk(*plan_, [this] { return random_(); }).visit(*read);
        largest_orders = std::max(largest_orders, said.size());
        const auto orders = protocol::read_orders(said);
        ASSERT_TRUE(orders) << orders.error().message;
        obey(*orders, at);
    }
    void obey(const protocol::run_orders& orders, const where& at) {
        if (orders.end != protocol::run_end::none) return finish_with(orders.end, orders.outcome);
        const std::size_t before = frames_.size();
        const auto place = [&](const protocol::order_place& of) {
            return of.frame == 0 ? at : where{before + of.frame, of.slot};
        };
        for (const auto& one : orders.frames) {
            frames_.push_back({place(one.whole), one.gate, one.rule, std::vector<std::string>(one.parts), one.parts});
        }
        for (const auto& one : orders.calls) {
            calls.push_back({std::string(one.function), std::string(one.payload), one.node, one.tried, one.delay_ms,
                             one.answer_is_part, one.wants_request, place(one.place)});
        }
        for (const auto& one : orders.parts) {
            if (!one.is_there) {
                lose(place(one.place));
                continue;
            }
            std::string part;
            protocol::append_part(part, {.bytes = one.bytes});
            fill(place(one.place), part);
        }
    }
    void fill(const where& at, const std::string& part) {
        ASSERT_NE(at.first, 0U) << "nothing but the end comes out of the main line";
        frames_[at.first - 1].parts[at.second] = part;
        count_down(at.first);
    }
    void lose(const where& at) {
        if (at.first == 0) return finish_with(protocol::run_end::nothing, {});
        if (frames_[at.first - 1].rule == protocol::frame_rule::leave_out) return count_down(at.first);
        frames_[at.first - 1].is_gone = true;
        std::erase_if(calls, [this](const job& one) { return is_gone(one.place.first); });
        lose(frames_[at.first - 1].whole);
    }
    void count_down(std::size_t which) {
        const frame& of = frames_[which - 1];
        if (--frames_[which - 1].missing != 0 || is_gone(which)) return;
        std::string all;
        for (const std::string& part : of.parts) all += part;
        visit({.kind = protocol::visit_kind::parts, .node = of.gate, .data = all}, where(of.whole));
    }
    [[nodiscard]] bool is_gone(std::size_t which) const {
        for (; which != 0; which = frames_[which - 1].whole.first) {
            if (frames_[which - 1].is_gone) return true;
        }
        return false;
    }
    void finish_with(protocol::run_end how, std::string_view made) {
        EXPECT_EQ(ended, protocol::run_end::none) << "a run ends once";
        ended = how;
        outcome = made;
        calls.clear();
    }

    std::shared_ptr<const sheaf::detail::plan_graph> plan_;
    std::deque<frame> frames_;
    std::mt19937_64 random_{7};
};

/// The run of `plan` over `item`, from beginning to end.
template <class Plan>
server detached(const Plan& plan, const typename Plan::input_type& item, std::mt19937* random = nullptr) {
    server on(plan.graph());
    on.begin(sheaf::encode(item));
    on.finish(random);
    return on;
}

}  // namespace paper
