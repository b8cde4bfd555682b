// Detached runs: carried on by sheafd, whoever leaves or dies meanwhile.
#include <filesystem>

#include <gmock/gmock.h>

#include "integration/pipeline/detached_crew.hpp"
#include "support/eventually.hpp"
#include "support/random_text.hpp"

namespace sheaf::test {
namespace {

using testing::HasSubstr;

TEST_F(detached_crew, a_run_goes_on_while_nobody_looks_and_is_taken_by_whoever_has_its_id) {
    std::string id;
    {
        cluster starter = connect();
        id = starter.detach(sum_of_squares(), 100).id();
    }
    EXPECT_THAT(id, HasSubstr("sum.of.squares-"));
    cluster other = connect();
    const auto run = other.attach(sum_of_squares(), id);
    EXPECT_EQ(run.get({.deadline = patience}), sum_of_squares_here(100));
    EXPECT_EQ(run.get({.deadline = patience}), sum_of_squares_here(100)) << "who has taken it may look again";
    EXPECT_THROW((void)other.attach(sum_of_squares(), id).get({.deadline = patience}), run_taken);
    const detached_status status = run.status();
    EXPECT_EQ(status.state, detached_state::done);
    ASSERT_EQ(status.stages.size(), 3U);
    EXPECT_EQ(status.stages[1].name, "detached.square");
    EXPECT_EQ(status.stages[1].done, 100U);
}

TEST_F(detached_crew, joins_of_nothing_and_of_one_and_of_a_thousand) {
    cluster here = connect();
    for (const std::uint64_t below : {0, 1, 1000}) {
        const auto run = here.detach(sum_of_squares(), below);
        EXPECT_EQ(run.get({.deadline = patience}), sum_of_squares_here(below)) << below;
    }
    for (const auto& [what, pids] : begun())
        EXPECT_EQ(pids.size(), what.first == "square" && what.second == 0 ? 2U : 1U);
}

TEST_F(detached_crew, survives_the_death_of_anyone_at_any_moment) {
    const std::uint64_t seed = random_seed();
    SCOPED_TRACE("SHEAF_SEED=" + std::to_string(seed));
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
    for (int round = 0; round < 10 && !HasFailure(); ++round) {
        survive_a_kill("run-" + std::to_string(round), 100, random);
    }
}

TEST_F(detached_crew, the_same_id_is_the_same_run) {
    cluster here = connect();
    EXPECT_EQ(here.detach(sum_of_squares(), 10, {.id = "same"}).get({.deadline = patience}), 285U);
    const auto again = here.detach(sum_of_squares(), 10, {.id = "same"});
    EXPECT_THROW((void)again.get({.deadline = patience}), run_taken);
    EXPECT_EQ(begun().size(), 12U);
    EXPECT_THROW((void)here.detach(halves(), 4, {.id = "same"}), schema_mismatch) << "another plan has taken the id";
}

TEST_F(detached_crew, who_has_another_plan_takes_nothing) {
    cluster here = connect();
    const auto run = here.detach(sum_of_squares(), 10, {.id = "squares"});
    const auto as_text = sum_of_squares() | transform([](std::uint64_t sum) { return std::to_string(sum); });
    EXPECT_THROW((void)here.attach(as_text, "squares").get({.deadline = patience}), schema_mismatch);
    try {
        (void)here.attach(halves(), "squares").get({.deadline = patience});
        FAIL() << "a run of another plan was taken";
    } catch (const schema_mismatch& why) {
        EXPECT_THAT(why.what(), HasSubstr("it as sum.of.squares.next-"));
        EXPECT_THAT(why.what(), HasSubstr("has halves.next-"));
    }
    EXPECT_THROW((void)here.attach(halves(), "squares").status(), schema_mismatch);
    EXPECT_THROW((void)here.attach(halves(), "squares").cancel(), schema_mismatch);
    EXPECT_EQ(run.status().taker, "");
    EXPECT_EQ(run.get({.deadline = patience}), 285U);
}

TEST_F(detached_crew, a_run_that_fails_says_why_and_one_that_is_unknown_that_it_is) {
    cluster here = connect();
    EXPECT_EQ(here.detach(halves(), 4).get({.deadline = patience}), 2U);
    try {
        (void)here.detach(halves(), 3, {.id = "odd"}).get({.deadline = patience});
        FAIL() << "it has not failed";
    } catch (const remote_error& why) {
        EXPECT_THAT(why.what(), HasSubstr("3 is odd"));
        EXPECT_EQ(why.why().task, "detached.halve");
    }
    EXPECT_EQ(here.attach(halves(), "odd").status().state, detached_state::failed);
    EXPECT_THROW((void)here.attach(halves(), "never").get({.deadline = patience}), run_unknown);
    EXPECT_EQ(here.attach(halves(), "never").status().state, detached_state::unknown);
}

TEST_F(detached_crew, a_call_that_kills_each_worker_fails_its_run) {
    cluster here = connect();
    EXPECT_THROW((void)here.detach(halves(), 1000).get({.deadline = patience}), worker_lost);
}

TEST_F(detached_crew, a_run_that_is_cancelled_has_its_handlers_stopped) {
    cluster here = connect();
    const auto run = here.detach(lingering(), 7);
    ASSERT_TRUE(eventually([&] { return begun().contains({"linger", 7}); }));
    EXPECT_TRUE(run.cancel(patience));
    EXPECT_TRUE(eventually([&] { return begun().contains({"stopped", 7}); }));
    EXPECT_EQ(run.status().why, "somebody cancelled it");
}

TEST_F(detached_crew, is_seen_and_ended_from_a_shell) {
    cluster here = connect();
    EXPECT_THROW((void)here.detach(halves(), 3, {.id = "odd"}).get({.deadline = patience}), remote_error);
    const auto run = here.detach(lingering(), 8, {.id = "lingers"});
    ASSERT_TRUE(eventually([&] { return begun().contains({"linger", 8}); }));
    const auto shell = [this](std::vector<std::string> words) {
        words.insert(words.begin(), {program("sheaf"), "runs"});
        words.insert(words.end(), {"--server", address()});
        process child(command{words, {}});
        const std::string said = child.read_all();
        return std::pair(child.wait().value_or(-1), said);
    };
    const auto [listed, list] = shell({"list"});
    EXPECT_EQ(listed, 0);
    EXPECT_THAT(list, testing::ContainsRegex("lingers +running.*\n.*odd +failed .*3 is odd; and odd again; worker .*"));
    const auto [shown, about] = shell({"show", "lingers"});
    EXPECT_EQ(shown, 0);
    EXPECT_THAT(about, testing::AllOf(HasSubstr("lingers  running\n"), HasSubstr("lingering.next-"),
                                      HasSubstr("0 waiting, 1 running, 0 done")));
    EXPECT_EQ(shell({"show", "nothing"}).first, 1);
    EXPECT_THAT(here.attach(halves(), "odd").status().why, HasSubstr("3 is odd\nand odd again\n"));
    EXPECT_EQ(shell({"cancel", "lingers"}), std::pair(0, std::string("cancelled\n")));
    EXPECT_EQ(shell({"cancel", "lingers"}).first, 1);
    EXPECT_EQ(run.status().state, detached_state::cancelled);
    server_.reset();
    EXPECT_EQ(shell({"list", "--timeout", "1"}).first, 3) << "there is no server";
}

TEST_F(detached_crew, of_several_servers_one_has_a_run_also_when_it_is_away) {
    workers_.reset();
    const std::string second = "unix:" + (place_.path() / "second").string();
    std::optional<sheafd_process> other(
        std::in_place,
        std::vector<std::string>{"--listen", second, "--data-dir", (place_.path() / "second-queue").string()});
    cluster both = cluster::connect(address() + "," + second);
    const auto begin = [&](const std::string& id, std::chrono::milliseconds deadline) {
        return both.detach(lingering(), 9, {.id = id, .deadline = deadline});
    };
    const auto has = [&](const std::string& server, const std::string& id) {
        return cluster::connect(server).attach(lingering(), id).status().state == detached_state::running;
    };
    unsigned made = 0;
    std::string id;
    do {
        id = "run-" + std::to_string(++made);
        (void)begin(id, patience);
    } while (made != 100 && !has(second, id));
    ASSERT_FALSE(has(address(), id));
    other.reset();
    constexpr std::chrono::milliseconds brief(300);
    EXPECT_THROW((void)both.attach(lingering(), id).status(brief), call_error);
    EXPECT_THROW((void)both.attach(lingering(), id).get({.deadline = brief}), timeout);
    EXPECT_THROW((void)begin(id, brief), call_error);
    EXPECT_FALSE(has(address(), id)) << "it was begun once more";
    for (int i = 0; i < 8; ++i) {
        const auto fresh = both.detach(lingering(), 9, {.deadline = patience});
        EXPECT_TRUE(has(address(), fresh.id())) << "a run without an id of its own goes to one that is there";
    }
    try {
        (void)both.attach(lingering(), "never-begun").status(brief);
        FAIL() << "nobody knows whether the other server has it";
    } catch (const timeout& why) {
        EXPECT_THAT(why.what(), HasSubstr(second));
    }
}

TEST_F(detached_crew, a_run_is_found_however_the_servers_addresses_are_written) {
    workers_.reset();
    const auto path = [this](const std::string& name) { return (place_.path() / name).string(); };
    const sheafd_process other({"--listen", "unix:" + path("second"), "--data-dir", path("second-queue")});
    std::filesystem::create_symlink(path("socket"), path("first-by-another-name"));
    std::filesystem::create_symlink(path("second"), path("second-by-another-name"));
    cluster these = cluster::connect(address() + ",unix:" + path("second"));
    cluster same =
        cluster::connect("unix:" + path("second-by-another-name") + ",unix:" + path("first-by-another-name"));
    cluster more = cluster::connect(address() + ",unix:" + path("nobody") + ",unix:" + path("second"));
    const auto runs_at = [&](const std::string& server, const std::string& id) {
        return cluster::connect(server).attach(lingering(), id).status().state == detached_state::running ? 1 : 0;
    };
    for (int i = 0; i < 12; ++i) {
        const std::string id = "run-" + std::to_string(i);
        SCOPED_TRACE(id);
        (void)these.detach(lingering(), 9, {.id = id});
        ASSERT_EQ(same.attach(lingering(), id).status().state, detached_state::running);
        ASSERT_EQ(more.attach(lingering(), id).status().state, detached_state::running) << "one address is of nobody";
        EXPECT_EQ(same.detach(lingering(), 9, {.id = id}).status().state, detached_state::running);
        ASSERT_EQ(runs_at(address(), id) + runs_at("unix:" + path("second"), id), 1) << "it was begun once more";
    }
    EXPECT_EQ(same.attach(lingering(), "never-begun").status().state, detached_state::unknown);
    EXPECT_THROW((void)same.attach(lingering(), "never-begun").get(), run_unknown);
}

TEST_F(detached_crew, waits_for_workers_and_says_so_and_can_be_cancelled) {
    workers_.reset();
    cluster here = connect();
    const auto run = here.detach(sum_of_squares(), 10, {.id = "waits"});
    EXPECT_EQ(run.status().state, detached_state::running);
    // The server hears of the workers' end a little later.
    EXPECT_TRUE(eventually([&] { return run.status().why.starts_with("no worker offers "); })) << run.status().why;
    EXPECT_THROW((void)run.get({.deadline = std::chrono::milliseconds(50)}), timeout);
    kill_server();
    EXPECT_TRUE(run.cancel(patience));
    EXPECT_FALSE(run.cancel(patience));
    EXPECT_THROW((void)run.get({.deadline = patience}), cancelled);
}

}  // namespace
}  // namespace sheaf::test
