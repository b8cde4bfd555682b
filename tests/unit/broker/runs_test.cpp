// Runs that the server carries on by itself: what of a run is one change, and what survives a crash between any two.
#include <random>

#include <gmock/gmock.h>

#include "protocol/run_orders.hpp"
#include "run_store.hpp"
#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using about = broker::service_question::about;
using kind = broker::service_answer::kind;
using enum protocol::packet_type;
using broker::run_state;
using protocol::visit_kind;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

const std::string start = "start r\nfunction plan\n\nitem";

// What a worker has been given, and how it names it.
struct assigned {
    std::string handle;
    std::string function;
    std::string payload;

    [[nodiscard]] protocol::run_visit visit() const {
        const auto read = protocol::read_visit(payload);
        EXPECT_TRUE(read);
        return read ? *read : protocol::run_visit{};
    }
};

// Lines have | where packets have a NUL, as payloads may.
std::optional<assigned> grab(conversation::participant& worker, conversation& talk) {
    (void)worker.hears();
    worker.says<grab_job>();
    std::string bytes = take_all(talk.effects().frame(worker.id()));
    bytes.erase(0, protocol::header_size);
    const auto first = bytes.find('\0');
    if (first == std::string::npos) return std::nullopt;
    const auto second = bytes.find('\0', first + 1);
    return assigned{bytes.substr(0, first), bytes.substr(first + 1, second - first - 1), bytes.substr(second + 1)};
}

// A plan: the item is spread over `parts` calls of f, whose results meet at node 2; then g, and the end.
std::string spread(std::uint32_t parts) {
    protocol::run_orders orders;
    orders.frames.push_back({.gate = 2, .parts = parts});
    for (std::uint32_t slot = 0; slot < parts; ++slot) {
        orders.calls.push_back(
            {.place = {1, slot}, .node = 1, .answer_is_part = true, .function = "f", .payload = "of item"});
    }
    return protocol::write_orders(orders);
}
std::string call_g() { return protocol::write_orders({.calls = {{.node = 3, .function = "g", .payload = "joined"}}}); }
std::string end_with(std::string_view value) {
    return protocol::write_orders({.end = protocol::run_end::value, .outcome = value});
}

/// A conversation whose store answers at once.
struct scene {
    explicit scene(broker::options how = {})
        : talk(std::move(how)), worker(talk.worker("plan", "f", "g")), client(talk.peer()) {}

    void settle() {
        for (store.gather(talk.effects()); store.has_waiting() || store.has_answers(); store.gather(talk.effects())) {
            if (store.has_waiting()) store.commit();
            while (store.has_answers()) store.answer(talk.core(), talk.now());
            talk.core().check_invariants();
        }
    }
    void ask(const std::string& order) {
        client.says<submit_job>("sheaf.run", "", order);
        settle();
    }
    assigned next() {
        settle();
        const auto job = grab(worker, talk);
        EXPECT_TRUE(job) << "nothing to do";
        return job.value_or(assigned{});
    }
    void complete(const assigned& job, const std::string& data) {
        worker.says<work_complete>(job.handle, data);
        settle();
    }
    /// The store's word on the first run's outcome, of which it says who has it.
    void told(broker::service_ticket name, std::string_view text, const std::string& taker) {
        talk.core().served(name,
                           {.what = kind::text, .id = broker::job_id{1}, .data = shared_bytes(text), .taker = taker},
                           talk.now());
    }
    std::string last() {
        const auto all = client.hears();
        return all.empty() ? "nothing" : all.back();
    }

    conversation talk;
    conversation::participant worker;
    conversation::participant client;
    run_store store;
};

TEST(runs, a_start_is_acknowledged_when_the_run_and_its_first_visit_are_stored) {
    scene at;
    at.client.says<submit_job>("sheaf.run", "", start);
    EXPECT_THAT(at.client.hears(), IsEmpty());
    ASSERT_THAT(at.talk.effects().changes, SizeIs(1));
    EXPECT_TRUE(at.talk.effects().changes[0].begins);
    EXPECT_FALSE(grab(at.worker, at.talk)) << "nothing is handed out that is not stored";
    at.settle();
    EXPECT_THAT(at.client.hears(), ElementsAre(HasSubstr("JOB_CREATED"), HasSubstr("|started\n")));
    const assigned visit = at.next();
    EXPECT_EQ(visit.function, "plan");
    EXPECT_EQ(visit.visit().kind, visit_kind::item);
    EXPECT_EQ(visit.visit().data, "item");
    at.ask(start);
    EXPECT_THAT(at.last(), HasSubstr("|known\n"));
    at.ask("start r\nfunction other\n\nitem");
    EXPECT_THAT(at.last(), HasSubstr("|other\nplan"));
}

TEST(runs, a_start_that_cannot_be_stored_is_refused_and_leaves_nothing) {
    scene at;
    at.client.says<submit_job>("sheaf.run", "", start);
    const auto job = at.talk.effects().changes.at(0).jobs.at(0).id;
    at.talk.effects().changes.clear();
    at.talk.fails_to_store(job.value(), "store_full");
    EXPECT_THAT(at.last(), HasSubstr("|refused\nstore_full"));
    EXPECT_EQ(at.talk.core().count().queued, 0U);
    at.ask("status r\n");
    EXPECT_THAT(at.last(), HasSubstr(R"("state":"unknown")"));
}

TEST(runs, each_step_is_one_change_of_the_store) {
    scene at;
    at.ask(start);
    at.worker.says<work_complete>(at.next().handle, spread(2));
    ASSERT_THAT(at.talk.effects().changes, SizeIs(1));
    const auto& opened = at.talk.effects().changes[0];
    EXPECT_THAT(opened.ended, SizeIs(1));
    EXPECT_THAT(opened.frames, SizeIs(1));
    EXPECT_THAT(opened.jobs, SizeIs(2));
    at.complete(at.next(), "one");
    at.worker.says<work_complete>(at.next().handle, "two");
    ASSERT_THAT(at.talk.effects().changes, SizeIs(1));
    const auto& joined = at.talk.effects().changes[0];
    EXPECT_THAT(joined.ended, SizeIs(1));
    EXPECT_THAT(joined.parts, SizeIs(1));
    EXPECT_THAT(joined.gathered, SizeIs(1));
    EXPECT_THAT(joined.done, ElementsAre(1));
    const assigned gate = at.next();
    EXPECT_EQ(gate.visit().kind, visit_kind::parts);
    EXPECT_EQ(gate.visit().node, 2U);
    const auto parts = protocol::read_parts(gate.visit().data);
    ASSERT_TRUE(parts);
    ASSERT_THAT(*parts, SizeIs(2));
    EXPECT_EQ((*parts)[0].bytes, "one");
    EXPECT_TRUE((*parts)[1].is_answer);
}

TEST(runs, the_outcome_goes_to_one_taker_whenever_it_asks) {
    scene at;
    at.ask(start);
    at.ask("take r\ntaker me\n");
    EXPECT_THAT(at.last(), HasSubstr("JOB_CREATED")) << "who waits hears so at once, and what it asks next is answered";
    at.ask("status r\n");
    EXPECT_THAT(at.last(), AllOf(HasSubstr(R"("state":"running")"), HasSubstr(R"("stages":[])")));
    at.complete(at.next(), end_with("42"));
    ASSERT_THAT(at.talk.effects().questions, SizeIs(1));
    const auto asked = at.talk.effects().questions[0];
    EXPECT_EQ(asked.what, about::run);
    EXPECT_EQ(asked.unique, "me");
    at.told(asked.name, "value\n42", "me");
    EXPECT_THAT(at.last(), HasSubstr("|value\n42"));
    at.ask("status r\n");
    EXPECT_THAT(at.last(), AllOf(HasSubstr(R"("state":"done")"), HasSubstr(R"("taker":"me")")));
    EXPECT_EQ(at.store.rows(), 0U);
}

TEST(runs, a_take_for_another_plan_is_told_so_and_takes_nothing) {
    scene at;
    at.ask(start);
    at.ask("take r\ntaker me\nfunction other\n");
    EXPECT_THAT(at.last(), HasSubstr("|other\nplan"));
    at.complete(at.next(), end_with("42"));
    at.ask("take r\nfunction other\ntaker me\n");
    EXPECT_THAT(at.last(), HasSubstr("|other\nplan"));
    EXPECT_THAT(at.talk.effects().questions, IsEmpty());
    at.ask("take r\ntaker me\nfunction plan\n");
    EXPECT_THAT(at.talk.effects().questions, SizeIs(1));
}

TEST(runs, nobody_has_taken_an_outcome_until_the_store_says_so) {
    scene at;
    at.ask(start);
    at.complete(at.next(), end_with("42"));
    at.ask("take r\ntaker me\n");
    at.ask("status r\n");
    EXPECT_THAT(at.last(), HasSubstr(R"("taker":"")")) << "a crash now, and nobody has it";
    ASSERT_THAT(at.talk.effects().questions, SizeIs(1));
    at.talk.core().served(at.talk.effects().questions[0].name, {.what = kind::refused, .why = "store_full"},
                          at.talk.now());
    EXPECT_THAT(at.last(), HasSubstr("|refused\nstore_full"));
    at.ask("status r\n");
    EXPECT_THAT(at.last(), HasSubstr(R"("taker":"")"));

    at.ask("take r\ntaker me\n");
    at.ask("take r\ntaker you\n");
    ASSERT_THAT(at.talk.effects().questions, SizeIs(3));
    at.told(at.talk.effects().questions[2].name, "value\n42", "you");
    EXPECT_THAT(at.last(), HasSubstr("|value\n42"));
    at.told(at.talk.effects().questions[1].name, "taken\nyou", "you");
    EXPECT_THAT(at.last(), HasSubstr("|taken\nyou"));
    at.ask("status r\n");
    EXPECT_THAT(at.last(), HasSubstr(R"("taker":"you")"));
}

TEST(runs, who_leaves_while_the_store_gives_it_the_outcome_has_taken_it) {
    scene at;
    at.ask(start);
    at.complete(at.next(), end_with("42"));
    auto gone = at.talk.peer();
    gone.says<submit_job>("sheaf.run", "", "take r\ntaker gone\n");
    gone.leaves();
    at.told(at.talk.effects().questions.at(0).name, "value\n42", "gone");
    at.ask("status r\n");
    EXPECT_THAT(at.last(), HasSubstr(R"("taker":"gone")"));
}

TEST(runs, all_who_start_a_run_are_told_that_it_cannot_be_stored_also_when_it_has_ended_before) {
    scene at({.job_bytes_max = 10'000});
    const std::string too_much = start + std::string(10'000, 'x');
    at.client.says<submit_job>("sheaf.run", "", too_much);
    at.client.says<submit_job>("sheaf.run", "", too_much);
    ASSERT_THAT(at.talk.effects().changes, SizeIs(1));
    EXPECT_THAT(at.talk.effects().changes[0].jobs, IsEmpty()) << "such a run ends where it begins";
    at.talk.effects().changes.clear();
    at.talk.fails_to_store(1, "store_full");
    EXPECT_THAT(at.client.hears(), testing::Contains(HasSubstr("|refused\nstore_full")).Times(2));
    at.ask("status r\n");
    EXPECT_THAT(at.last(), HasSubstr(R"("state":"unknown")"));
    at.ask(too_much);
    EXPECT_THAT(at.last(), HasSubstr("|started\n"));
}

TEST(runs, a_taker_that_has_left_takes_nothing) {
    scene at;
    at.ask(start);
    auto gone = at.talk.peer();
    gone.says<submit_job>("sheaf.run", "", "take r\ntaker gone\n");
    gone.leaves();
    at.complete(at.next(), end_with("42"));
    EXPECT_THAT(at.talk.effects().questions, IsEmpty());
}

TEST(runs, a_failed_call_is_told_to_the_plan_with_what_was_asked) {
    scene at;
    at.ask(start);
    at.complete(at.next(), call_g());
    at.worker.says<work_exception>(at.next().handle, "no");
    at.settle();
    const assigned visit = at.next();
    EXPECT_EQ(visit.visit().kind, visit_kind::exception);
    EXPECT_EQ(visit.visit().node, 3U);
    EXPECT_EQ(visit.visit().request, "joined");
    EXPECT_EQ(visit.visit().data, "no");
    at.complete(visit, protocol::write_orders({.calls = {{.node = 3, .tried = 1, .delay_ms = 5000, .function = "g"}}}));
    EXPECT_FALSE(grab(at.worker, at.talk)) << "not before its time";
    at.ask("status r\n");
    EXPECT_THAT(at.last(), HasSubstr("tried again in 5 s"));
    at.talk.passes(5s);
    at.worker.says<work_fail>(at.next().handle);
    at.settle();
    EXPECT_EQ(at.next().visit().tried, 1U);
}

TEST(runs, a_job_that_loses_its_workers_or_is_cancelled_is_told_to_the_plan) {
    scene at({.job_retries = 1});
    at.ask(start);
    at.complete(at.next(), spread(2));
    auto doomed = at.talk.worker("f");
    const auto call = grab(doomed, at.talk);
    ASSERT_TRUE(call && grab(doomed, at.talk));
    at.client.says<submit_job>("sheaf.cancel", "", call->handle);
    doomed.leaves();
    EXPECT_EQ(at.next().visit().kind, visit_kind::lost);
    EXPECT_EQ(at.next().visit().data, "it lost 1 worker");
    EXPECT_THAT(at.talk.effects().buried, IsEmpty());
}

TEST(runs, orders_that_make_no_sense_end_the_run_with_a_reason) {
    const std::string unending = protocol::write_orders({.frames = {{.gate = 1, .parts = 1}}});
    const std::string no_function = protocol::write_orders({.calls = {{.node = 1, .function = ""}}});
    const std::string service = protocol::write_orders({.calls = {{.node = 1, .function = "sheaf.dead"}}});
    const std::string claims = std::string("SO\1\0", 4) + std::string(4, '\0') + "\xff\xff\xff\xff";
    for (const std::string& said : {std::string("gibberish"), unending, no_function, service, claims, std::string()}) {
        scene at;
        at.ask(start);
        at.complete(at.next(), said);
        at.ask("status r\n");
        EXPECT_THAT(at.last(), HasSubstr(R"("state":"failed")"));
        EXPECT_EQ(at.store.run(1).state, run_state::broken);
        EXPECT_NE(at.store.outcome(1), "");
        EXPECT_EQ(at.store.rows(), 0U);
    }
}

TEST(runs, a_join_that_no_job_can_hold_ends_the_run_with_a_reason) {
    scene at({.job_bytes_max = 10'000});
    at.ask(start);
    at.complete(at.next(), spread(2));
    at.complete(at.next(), std::string(4'000, 'x'));
    at.complete(at.next(), std::string(5'000, 'x'));
    EXPECT_EQ(at.store.run(1).state, run_state::broken);
    EXPECT_THAT(at.store.outcome(1), HasSubstr("the 2 parts of a join are 9018 bytes together"));
    EXPECT_EQ(at.store.rows(), 0U);
}

TEST(runs, that_have_ended_say_why_also_after_a_restart) {
    scene at;
    at.ask(start);
    at.complete(at.next(), protocol::write_orders({.end = protocol::run_end::failure,
                                                   .outcome = "a report",
                                                   .why = "halve: 3 is\nodd" + std::string(2000, '.')}));
    const auto says = AllOf(HasSubstr(R"("state":"failed")"), HasSubstr(R"("why":"halve: 3 is\nodd...)"));
    at.ask("status r\n");
    EXPECT_THAT(at.last(), says);
    EXPECT_LT(at.last().size(), 2000U);
    for (const auto& [name, end] : {std::pair{"broken", std::string("gibberish")}, std::pair{"value", end_with("42")},
                                    std::pair{"nothing", protocol::write_orders({.parts = {{.is_there = false}}})}}) {
        at.ask("start " + std::string(name) + "\nfunction plan\n\nitem");
        at.complete(at.next(), end);
    }
    at.ask("start cancelled\nfunction plan\n\nitem");
    at.ask("cancel cancelled\n");
    at.ask("list");
    const auto why_of = [](const std::string& name, const std::string& state, const std::string& why) {
        return HasSubstr("{\"run\":\"" + name + "\",\"state\":\"" + state + "\",\"why\":\"" + why);
    };
    conversation after;
    at.store.restart(after.core(), after.now());
    auto asker = after.peer();
    asker.says<submit_job>("sheaf.run", "", "list");
    const std::string listed = asker.hears().back();
    EXPECT_THAT(listed, AllOf(HasSubstr(R"("total":5)"), why_of("broken", "failed", "the answer of a visit is no list"),
                              why_of("value", "done", "\""), why_of("nothing", "done", "\""),
                              why_of("cancelled", "cancelled", "somebody cancelled it"), says));
}

TEST(runs, are_listed_newest_first_with_what_is_known_of_them) {
    scene at;
    at.ask("list");
    EXPECT_THAT(at.last(), HasSubstr(R"({"runs":[],"total":0})"));
    at.ask(start);
    at.complete(at.next(), spread(2));
    at.complete(at.next(), "one");
    at.ask("start newer\nfunction plan\n\nitem");
    at.ask("list\n");
    const std::string listed = at.last();
    EXPECT_LT(listed.find(R"("run":"newer")"), listed.find(R"("run":"r")"));
    EXPECT_THAT(listed, AllOf(HasSubstr(R"("function":"plan")"), HasSubstr(R"("done":1)"), HasSubstr(R"("began_ms":)"),
                              HasSubstr(R"("total":2)")));
    for (int i = 0; i < 1000; ++i) at.ask("start more" + std::to_string(i) + "\nfunction plan\n\nitem");
    at.ask("list");
    EXPECT_THAT(at.last(), AllOf(HasSubstr(R"("total":1002)"), Not(HasSubstr(R"("run":"newer")"))));
}

TEST(runs, orders_of_which_one_is_bad_make_nothing_at_all) {
    scene at;
    at.ask(start);
    protocol::run_orders orders;
    orders.frames.push_back({.gate = 2, .parts = 3});
    for (std::uint32_t slot = 0; slot < 3; ++slot) {
        orders.calls.push_back({.place = {1, slot}, .node = 1, .function = slot == 2 ? "sheaf.dead" : "f"});
    }
    at.worker.says<work_complete>(at.next().handle, protocol::write_orders(orders));
    ASSERT_THAT(at.talk.effects().changes, SizeIs(1));
    const auto& change = at.talk.effects().changes[0];
    EXPECT_THAT(change.jobs, IsEmpty());
    EXPECT_THAT(change.frames, IsEmpty());
    EXPECT_TRUE(change.end);
}

TEST(runs, a_frame_that_is_given_up_takes_along_all_that_is_in_it_and_nothing_else) {
    scene at;
    at.ask(start);
    // Frame 1 is an each of two elements. The first is a fork, frame 2; of its branches the second is an each, frame 3.
    at.complete(at.next(), protocol::write_orders(
                               {.frames = {{.gate = 9, .parts = 2},
                                           {.whole = {1, 0}, .gate = 8, .rule = protocol::frame_rule::all, .parts = 2},
                                           {.whole = {2, 1}, .gate = 7, .parts = 2}},
                                .calls = {{.place = {2, 0}, .node = 1, .function = "g"},
                                          {.place = {3, 0}, .node = 2, .answer_is_part = true, .function = "i"},
                                          {.place = {3, 1}, .node = 2, .answer_is_part = true, .function = "i"},
                                          {.place = {1, 1}, .node = 3, .answer_is_part = true, .function = "h"}}}));
    auto calls_g = at.talk.worker("g");
    const auto branch = grab(calls_g, at.talk);
    ASSERT_TRUE(branch);
    calls_g.says<work_complete>(branch->handle, "whatever");
    at.complete(at.next(), protocol::write_orders({.parts = {{.is_there = false}}}));
    auto calls_i = at.talk.worker("i");
    EXPECT_FALSE(grab(calls_i, at.talk)) << "the calls of the inner each are dropped";
    EXPECT_EQ(at.store.rows(), 3U) << "the outer frame, a part that will never come, and the call of the other element";
    auto calls_h = at.talk.worker("h");
    const auto other = grab(calls_h, at.talk);
    ASSERT_TRUE(other);
    calls_h.says<work_complete>(other->handle, "second");
    EXPECT_EQ(at.next().visit().node, 9U);
}

TEST(runs, a_part_that_will_never_come_is_left_out_or_takes_its_frame_along) {
    scene at;
    at.ask(start);
    // A fork within an each: of the second element's branches one is skipped.
    at.complete(at.next(), protocol::write_orders(
                               {.frames = {{.gate = 9, .parts = 2},
                                           {.whole = {1, 1}, .gate = 8, .rule = protocol::frame_rule::all, .parts = 2}},
                                .calls = {{.place = {1, 0}, .node = 1, .answer_is_part = true, .function = "f"},
                                          {.place = {2, 0}, .node = 1, .answer_is_part = true, .function = "f"},
                                          {.place = {2, 1}, .node = 2, .function = "g"}}}));
    auto calls_f = at.talk.worker("f");
    auto calls_g = at.talk.worker("g");
    const auto first = grab(calls_f, at.talk);
    const auto other_branch = grab(calls_f, at.talk);
    const auto skipped = grab(calls_g, at.talk);
    ASSERT_TRUE(first && other_branch && skipped);
    calls_f.says<work_complete>(first->handle, "first");
    calls_g.says<work_complete>(skipped->handle, "whatever");
    at.complete(at.next(), protocol::write_orders({.parts = {{.is_there = false}}}));
    const auto gate = at.next();
    const auto parts = protocol::read_parts(gate.visit().data);
    ASSERT_TRUE(parts);
    ASSERT_THAT(*parts, SizeIs(1));
    EXPECT_EQ((*parts)[0].bytes, "first");
    calls_f.says<work_complete>(other_branch->handle, "too late");
    at.settle();
    EXPECT_EQ(at.store.rows(), 1U) << "the visit alone";
}

TEST(runs, an_item_that_is_dropped_on_the_main_line_ends_the_run_with_nothing) {
    scene at;
    at.ask(start);
    at.complete(at.next(), protocol::write_orders({.parts = {{.is_there = false}}}));
    EXPECT_EQ(at.store.run(1).state, run_state::nothing);
}

TEST(runs, cancelling_drops_all_jobs_also_those_that_run) {
    scene at;
    at.ask(start);
    at.complete(at.next(), spread(3));
    const assigned running = at.next();
    at.ask("cancel r\nfunction another\n");
    EXPECT_THAT(at.last(), testing::EndsWith("|other\nplan"));
    at.ask("cancel r\nfunction plan\n");
    const auto asked = at.talk.effects().questions.back();
    EXPECT_EQ(asked.what, broker::service_question::about::written) << "a crash must not undo what was said to be done";
    at.talk.core().served(asked.name, {.what = kind::text, .data = shared_bytes(asked.text)}, at.talk.now());
    EXPECT_THAT(at.last(), testing::EndsWith("|cancelled\n" + running.handle + "\n"))
        << "whoever cancels tells its worker";
    EXPECT_EQ(at.store.rows(), 0U);
    at.complete(running, "too late");
    EXPECT_FALSE(grab(at.worker, at.talk));
    at.ask("cancel r\n");
    EXPECT_THAT(at.last(), HasSubstr("|ended\n"));
    at.ask("cancel other\n");
    EXPECT_THAT(at.last(), HasSubstr("|unknown\n"));
}

TEST(runs, what_ended_long_ago_is_forgotten) {
    scene at;
    at.ask("start r\nfunction plan\nkeep 60\n\nitem");
    at.complete(at.next(), end_with("42"));
    at.talk.passes(59s);
    at.settle();
    EXPECT_FALSE(at.store.is_empty());
    at.talk.passes(1s);
    at.settle();
    EXPECT_TRUE(at.store.is_empty());
    at.ask("take r\ntaker me\n");
    EXPECT_THAT(at.last(), HasSubstr("|unknown\n"));
}

TEST(runs, too_many_that_have_ended_are_forgotten_but_not_before_their_end_is_stored) {
    scene at({.ended_runs_max = 1});
    const auto run_to_its_end = [&](const std::string& name) {
        at.ask("start " + name + "\nfunction plan\n\nitem");
        at.worker.says<work_complete>(at.next().handle, end_with(name));
    };
    const auto state_of = [&](const std::string& name) {
        at.client.says<submit_job>("sheaf.run", "", "status " + name + "\n");
        return at.last();
    };
    run_to_its_end("a");
    at.settle();
    run_to_its_end("b");
    at.client.says<submit_job>("sheaf.run", "", "take b\ntaker me\n");
    at.talk.peer().says<submit_job>("sheaf.run", "", "start c\nfunction plan\n\nitem");
    EXPECT_THAT(state_of("b"), HasSubstr(R"("state":"done")")) << "its end is on its way to the store";
    EXPECT_THAT(state_of("a"), HasSubstr(R"("state":"done")"));
    at.settle();
    EXPECT_THAT(at.talk.effects().questions, SizeIs(1)) << "who waits for it gets it";
    at.talk.passes(1s);
    at.settle();
    EXPECT_THAT(state_of("a"), HasSubstr(R"("state":"unknown")"));
    EXPECT_THAT(state_of("b"), HasSubstr(R"("state":"done")"));
    at.talk.core().stored(broker::job_id{1}, at.talk.now());
    EXPECT_THAT(state_of("a"), HasSubstr(R"("state":"unknown")")) << "a late word on it changes nothing";
}

TEST(runs, orders_to_sheaf_run_that_make_no_sense_are_refused) {
    scene at;
    for (const std::string_view order :
         {"", "start", "start \n", "start r", "start r\n\n", "start r\nfunction \n\n",
          "start r\nfunction sheaf.run\n\n", "start r\ncolour red\n\n", "start r/s\nfunction f\n\n",
          "start r\nfunction f\nkeep -1\n\n", "take r", "take r\ntaker \n", "take r\nfunction plan\n",
          "take r\ntaker me\ncolour red\n", "drop r\n"}) {
        at.ask(std::string(order));
        EXPECT_THAT(at.last(), HasSubstr("ERROR INVALID_ARGUMENT|")) << order;
    }
}

/// A run over 5 numbers at random: workers do a little, die, the server dies at any point between what is asked of the
/// store, what is committed and what is told.
class troubled_run {
  public:
    explicit troubled_run(unsigned seed) : random_(seed) {}

    void go() {
        begin();
        for (int step = 0; !is_over(); ++step) {
            ASSERT_LT(step, 100'000) << "the run does not end";
            one_thing();
            talk_->core().check_invariants();
        }
        EXPECT_EQ(store_.run(1).state, run_state::value);
        EXPECT_EQ(store_.outcome(1), "joined 5, g");
        EXPECT_EQ(store_.rows(), 0U);
    }
    [[nodiscard]] unsigned crashes() const { return crashes_; }

  private:
    void begin() {
        talk_ = std::make_unique<conversation>();
        auto client = talk_->peer();
        client.says<submit_job>("sheaf.run", "", start);
        store_.gather(talk_->effects());
        store_.commit();
        hire();
    }
    void hire() {
        workers_.clear();
        for (int i = 0; i < 2; ++i) workers_.push_back({talk_->worker("plan", "f", "g"), std::nullopt});
    }
    [[nodiscard]] bool is_over() const { return store_.run(1).state != run_state::going && !store_.has_answers(); }

    void one_thing() {
        store_.gather(talk_->effects());
        switch (random_() % 8) {
            case 0: return random_() % 4 == 0 ? crash() : lose(random_() % workers_.size());
            case 1:
            case 2:
                if (store_.has_waiting()) store_.commit();
                return;
            case 3:
            case 4:
                if (store_.has_answers()) store_.answer(talk_->core(), talk_->now());
                return;
            default: return work(workers_[random_() % workers_.size()]);
        }
    }
    void crash() {
        ++crashes_;
        talk_ = std::make_unique<conversation>();
        store_.restart(talk_->core(), talk_->now());
        hire();
    }
    void lose(std::size_t which) {
        workers_[which].self.leaves();
        workers_[which] = {talk_->worker("plan", "f", "g"), std::nullopt};
    }

    struct worker {
        conversation::participant self;
        std::optional<assigned> has;
    };
    void work(worker& who) {
        if (!who.has) {
            who.has = grab(who.self, *talk_);
            return;
        }
        who.self.says<work_complete>(who.has->handle, answer_to(*who.has));
        who.has.reset();
    }
    static std::string answer_to(const assigned& job) {
        if (job.function != "plan") return job.function;
        const protocol::run_visit visit = job.visit();
        if (visit.kind == visit_kind::item) return spread(5);
        if (visit.kind == visit_kind::answer) return end_with("joined 5, " + std::string(visit.data));
        const auto parts = protocol::read_parts(visit.data);
        EXPECT_TRUE(parts && parts->size() == 5) << "a join is complete when it is made";
        return call_g();
    }

    std::mt19937 random_;
    std::unique_ptr<conversation> talk_;
    std::vector<worker> workers_;
    run_store store_;
    unsigned crashes_ = 0;
};

TEST(runs, end_right_whatever_dies_at_whatever_moment) {
    const unsigned first = std::random_device{}();
    unsigned crashes = 0;
    for (unsigned seed = first; seed != first + 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        troubled_run run(seed);
        run.go();
        crashes += run.crashes();
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(crashes, 100U);
}

}  // namespace
}  // namespace sheaf::test
