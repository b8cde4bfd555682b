// sheaf queue import: what a gearmand that was killed has left in its file, run by sheafd.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "integration/tools/tool_runs.hpp"
#include "sheaf/runtime/client.hpp"
#include "store/sqlite_file.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* gearmands_table =
    "CREATE TABLE gearman_queue (unique_key TEXT, function_name TEXT, priority INTEGER, data BLOB, when_to_run "
    "INTEGER, "
    "PRIMARY KEY (unique_key, function_name))";

class queue_import : public ::testing::Test {
  protected:
    [[nodiscard]] std::string file() const { return (place_ / "queue.db").string(); }

    // Rows as gearmand writes them.
    void fill(const std::string& sql) const {
        store::sqlite_file made(file());
        made.run(gearmands_table);
        made.run(sql.c_str());
    }
    // What the import said, on both its outputs, and its exit code.
    [[nodiscard]] ended import(const sheafd_process& to, std::vector<std::string> more = {}) const {
        return import("127.0.0.1:" + to.port(), std::move(more));
    }
    [[nodiscard]] ended import(const std::string& to, std::vector<std::string> more = {}) const {
        std::vector<std::string> words{program("sheaf"), "queue", "import", file(), "--server", to};
        words.insert(words.end(), more.begin(), more.end());
        process child(std::move(words));
        std::string output = child.read_all();
        return {child.wait().value_or(-1), std::move(output), child.error_output()};
    }
    static std::string admin(const sheafd_process& of, const std::string& command) {
        runtime::client asking({.servers = {of.where()}});
        return asking.admin(command, patience).value_or("");
    }
    // What a worker of the function is given, one job after the other.
    static std::string run_all(const sheafd_process& at, const std::string& function, int jobs) {
        process worker({program("sheaf"), "worker", "-n", "1", "--server", "127.0.0.1:" + at.port(), "--exec",
                        function + "=(cat; echo \" $SHEAF_JOB_UNIQUE\") >&2", "--jobs", std::to_string(jobs)});
        EXPECT_EQ(worker.wait(), 0);
        return worker.error_output();
    }

  private:
    scratch_directory place_;
};

TEST_F(queue_import, the_jobs_of_a_killed_gearmand_are_run_with_all_their_bytes) {
    {
        const gearmand_process old({"--queue-type", "libsqlite3", "--libsqlite3-db", file()});
        runtime::client client({.servers = {old.where()}});
        using runtime::job_priority;
        const auto start = [&](std::string unique, std::string payload, job_priority priority) {
            ASSERT_TRUE(client.start({.function = "old",
                                      .unique = std::move(unique),
                                      .payload = shared_bytes(payload),
                                      .priority = priority,
                                      .background = true}));
        };
        start("a", std::string("one\0two", 7), job_priority::low);
        start("b", "second", job_priority::normal);
        start("c", "first", job_priority::high);
        ASSERT_TRUE(client.start({.function = "old",
                                  .unique = "d",
                                  .payload = shared_bytes("in 2100"),
                                  .background = true,
                                  .run_at = std::chrono::system_clock::from_time_t(4102444800)}));
    }
    const sheafd_process server;
    const ended done = import(server);
    EXPECT_EQ(done.code, 0) << done.errors;
    EXPECT_THAT(done.output, StartsWith("4 jobs are at "));
    EXPECT_EQ(run_all(server, "old", 3), std::string("first c\nsecond b\none\0two a\n", 27));
    EXPECT_EQ(admin(server, "show unique jobs"), "d\n");
}

TEST_F(queue_import, a_job_for_later_keeps_its_priority) {
    fill("INSERT INTO gearman_queue VALUES ('a', 'f', 0, x'610062', 4102444800), ('b', 'f', 1, 'x', 4102444800)");
    const sheafd_process server;
    const ended done = import(server);
    EXPECT_EQ(done.code, 0) << done.errors;
    EXPECT_EQ(admin(server, "prioritystatus"), "f\t1\t1\t0\t0\n");
    EXPECT_EQ(admin(server, "status"), "f\t2\t0\t0\n");
}

TEST_F(queue_import, a_name_that_reads_like_terms_is_none_of_them) {
    fill(
        "INSERT INTO gearman_queue VALUES ('a', 'f' || x'0a0a' || 'g', 0, 'x', 4102444800), ('b', 'f', 0, 'x', "
        "4102444800)");
    const sheafd_process server;
    const ended done = import(server);
    EXPECT_EQ(done.code, 1);
    EXPECT_THAT(done.errors, HasSubstr("may not hold the end of a line"));
    EXPECT_EQ(admin(server, "show unique jobs"), "b\n");
}

TEST_F(queue_import, who_keeps_its_jobs_in_memory_is_named) {
    fill("INSERT INTO gearman_queue VALUES ('a', 'f', 1, 'x', 0)");
    const sheafd_process server({"--durability", "none"});
    EXPECT_THAT(import(server).errors, HasSubstr("keeps its jobs in memory"));
}

TEST_F(queue_import, a_second_run_sends_nothing_again_and_goes_on_with_what_is_new) {
    fill(
        "INSERT INTO gearman_queue VALUES ('', 'f', 1, 'keyless', 0), ('k', 'f', 1, 'keyed', 0), ('', 'g', 1, 'other', "
        "0)");
    const sheafd_process server;
    EXPECT_THAT(import(server).output, StartsWith("3 jobs are at "));
    EXPECT_THAT(import(server).output, StartsWith("0 jobs are at "));
    store::sqlite_file(file()).run("INSERT INTO gearman_queue VALUES ('-', 'f', 1, 'new', 0)");
    EXPECT_THAT(import(server).output, StartsWith("1 job is at "));
    EXPECT_EQ(admin(server, "status"), "f\t3\t0\t0\ng\t1\t0\t0\n");
}

TEST_F(queue_import, each_server_gets_each_job_once_whichever_is_next) {
    fill("INSERT INTO gearman_queue VALUES ('', 'f', 1, 'keyless', 0), ('k', 'f', 1, 'keyed', 0)");
    const sheafd_process one;
    const sheafd_process another;
    EXPECT_THAT(import(one).output, StartsWith("2 jobs are at "));
    EXPECT_THAT(import(another).output, StartsWith("2 jobs are at "));
    const ended third = import("localhost:" + one.port());
    EXPECT_EQ(third.code, 0) << third.errors;
    EXPECT_THAT(third.output, AllOf(StartsWith("0 jobs are at "), HasSubstr("2 had been brought there before")));
    EXPECT_EQ(admin(one, "status"), "f\t2\t0\t0\n");
}

TEST_F(queue_import, places_that_gearmand_has_given_again_are_new_jobs) {
    fill(
        "INSERT INTO gearman_queue VALUES ('a', 'f', 1, '1', 0), ('b', 'f', 1, '2', 0), ('', 'f', 1, '3', 0), ('d', "
        "'f', 1, '4', 0)");
    const sheafd_process server;
    EXPECT_THAT(import(server).output, StartsWith("4 jobs are at "));
    store::sqlite_file(file()).run(
        "DELETE FROM gearman_queue WHERE rowid <> 2; INSERT INTO gearman_queue (rowid, unique_key, function_name, "
        "priority, "
        "data, when_to_run) VALUES (1, 'x', 'f', 1, '1', 0), (3, '', 'f', 1, 'not 3', 0)");
    const ended more = import(server);
    EXPECT_THAT(more.output, AllOf(StartsWith("2 jobs are at "), HasSubstr("1 had been")));
    EXPECT_EQ(admin(server, "status"), "f\t6\t0\t0\n");

    store::sqlite_file(file()).run("DELETE FROM gearman_queue WHERE rowid = 3");
    EXPECT_THAT(import(server).output, StartsWith("0 jobs are at "));
    store::sqlite_file(file()).run("INSERT INTO gearman_queue VALUES ('', 'f', 1, 'not 3', 0)");
    EXPECT_THAT(import(server).output, StartsWith("1 job is at ")) << "it was away, and is another one";
}

TEST_F(queue_import, what_the_server_refuses_is_named_and_holds_up_nothing) {
    fill(
        "INSERT INTO gearman_queue VALUES ('a', 'f', 1, zeroblob(1100000), 0), ('b', 'f' || x'0a', 0, 'x', "
        "4102444800), "
        "('c', 'f', 1, 'small', 0)");
    const sheafd_process server({"--payload-max", "1"});
    const ended first = import(server);
    EXPECT_EQ(first.code, 1);
    EXPECT_THAT(first.output, StartsWith("1 job is at "));
    EXPECT_THAT(first.errors, HasSubstr("row 1, of function f with key a, is left out: its payload of 1100000 bytes"));
    EXPECT_THAT(first.errors, HasSubstr("row 2, of function f\\x0a with key b, is left out: "));
    EXPECT_THAT(first.errors, HasSubstr("2 rows were left out"));
    const ended second = import(server);
    EXPECT_EQ(second.code, 1);
    EXPECT_THAT(second.output, AllOf(StartsWith("0 jobs are at "), HasSubstr("1 had been")));
    EXPECT_THAT(second.errors, HasSubstr("2 rows were left out"));
    EXPECT_EQ(admin(server, "status"), "f\t1\t0\t0\n");
}

// As a kill leaves it between the server's word and its note.
TEST_F(queue_import, a_job_whose_answer_was_never_noted_is_looked_for_by_its_key) {
    fill("INSERT INTO gearman_queue VALUES ('a', 'f', 1, '1', 0), ('b', 'f', 1, '2', 0)");
    const sheafd_process server;
    EXPECT_THAT(import(server).output, StartsWith("2 jobs are at "));
    EXPECT_EQ(run_all(server, "f", 1), "1 a\n");
    store::sqlite_file(file() + ".imported").run("UPDATE mark SET taken = 0");
    store::sqlite_file(file()).run("INSERT INTO gearman_queue VALUES ('c', 'f', 1, '3', 0)");
    EXPECT_THAT(import(server).output, AllOf(StartsWith("1 job is at "), HasSubstr("2 had been")));
    EXPECT_EQ(admin(server, "status"), "f\t2\t0\t0\n");
}

// As a kill leaves it between its note and the server's word, with a job of the same key from before.
TEST_F(queue_import, an_end_from_before_a_row_was_sent_is_not_taken_for_its_own) {
    fill("INSERT INTO gearman_queue VALUES ('done', 'f', 1, 'new', 0), ('dead', 'g', 1, 'new', 0)");
    const sheafd_process server({"--background-retries", "0"});
    runtime::client client({.servers = {server.where()}});
    for (const auto& [function, key] : {std::pair{"f", "done"}, {"g", "dead"}}) {
        ASSERT_TRUE(client.start(
            {.function = function, .unique = key, .payload = shared_bytes(std::string("old")), .background = true}));
    }
    EXPECT_EQ(run_all(server, "f", 1), "old done\n");
    process failing({program("sheaf"), "worker", "-n", "1", "--server", "127.0.0.1:" + server.port(), "--exec",
                     "g=exit 1", "--jobs", "1"});
    EXPECT_EQ(failing.wait(), 0);
    EXPECT_THAT(import(server).output, StartsWith("2 jobs are at "));
    for (const char* const job : {"unique done", "unique dead"}) {
        const auto end =
            client.run({.function = "sheaf.cancel", .payload = shared_bytes(std::string(job)), .of_server = true});
        EXPECT_EQ(end.data.view(), R"({"was":"queued"})");
    }
    store::sqlite_file(file() + ".imported").run("UPDATE mark SET taken = 0");
    EXPECT_THAT(import(server).output, StartsWith("2 jobs are at ")) << "they had been sent, and never came";
    EXPECT_EQ(admin(server, "status"), "f\t1\t0\t0\ng\t1\t0\t0\n");
}

TEST_F(queue_import, begun_again_keyed_jobs_coalesce_and_those_without_a_key_are_doubled) {
    fill("INSERT INTO gearman_queue VALUES ('', 'f', 1, 'keyless', 0), ('k', 'f', 1, 'keyed', 0)");
    const sheafd_process server;
    EXPECT_EQ(import(server).code, 0);
    EXPECT_EQ(import(server, {"--again"}).code, 0);
    EXPECT_EQ(admin(server, "status"), "f\t3\t0\t0\n");
}

TEST_F(queue_import, an_import_that_is_refused_half_way_goes_on_when_it_is_run_again) {
    fill(
        "INSERT INTO gearman_queue VALUES ('a', 'f', 1, '1', 0), ('b', 'f', 1, '2', 0), ('c', 'f', 1, '3', 0), ('d', "
        "'g', 1, '4', 0)");
    const sheafd_process server;
    EXPECT_EQ(admin(server, "create function f"), "OK\n");
    EXPECT_EQ(admin(server, "maxqueue f 2"), "OK\n");
    const ended half = import(server, {"--parallel", "1"});
    EXPECT_EQ(half.code, 1);
    EXPECT_THAT(half.output, StartsWith("3 jobs are at "));
    EXPECT_THAT(half.errors, AllOf(HasSubstr("jobs of function f are left out: "), HasSubstr("1 row was left out")));
    EXPECT_EQ(admin(server, "maxqueue f 0"), "OK\n");
    EXPECT_THAT(import(server).output, StartsWith("1 job is at "));
    EXPECT_EQ(admin(server, "status"), "f\t3\t0\t0\ng\t1\t0\t0\n");
}

TEST_F(queue_import, rows_that_make_no_sense_are_left_out_and_named) {
    fill(
        "INSERT INTO gearman_queue VALUES ('a', '', 1, 'x', 0), ('b', 'f', 7, 'x', 0), ('c', 'f', 1, 'x', -5), "
        "('d', 'f', 1, NULL, 0), ('e', 'sheaf.enqueue', 1, x'66756e6374696f6e20660a0a', 0)");
    const sheafd_process server;
    const ended done = import(server);
    EXPECT_EQ(done.code, 1);
    EXPECT_THAT(done.output, StartsWith("1 job is at "));
    EXPECT_THAT(done.errors, HasSubstr("row 1 makes no sense: it has no function"));
    EXPECT_THAT(done.errors, HasSubstr("row 2 makes no sense: there is no priority 7"));
    EXPECT_THAT(done.errors, HasSubstr("row 3 makes no sense: its time, -5, is none"));
    EXPECT_THAT(done.errors, HasSubstr("row 5 makes no sense: sheafd would take"));
    EXPECT_EQ(admin(server, "show unique jobs"), "d\n");
}

TEST_F(queue_import, a_dry_run_says_what_there_is_and_sends_nothing) {
    fill(
        "INSERT INTO gearman_queue VALUES ('a', 'f', 0, '12345', 0), ('', 'f', 2, '12345', 0), ('b', 'g', 1, 'x', "
        "4102444800)");
    const ended said = import("127.0.0.1:1", {"--dry-run"});
    EXPECT_EQ(said.code, 0) << said.errors;
    EXPECT_EQ(said.output,
              "function\tjobs\thigh\tlow\tfor later\twithout key\tbytes\n"
              "f\t2\t1\t1\t0\t1\t10\n"
              "g\t1\t0\t0\t1\t0\t1\n");
    EXPECT_FALSE(std::filesystem::exists(file() + ".imported"));
}

TEST_F(queue_import, a_dry_run_names_rows_that_make_no_sense_and_exits_as_the_import_does) {
    fill("INSERT INTO gearman_queue VALUES ('a', 'f', 1, '12345', 0), ('b', 'f', 7, 'x', 0)");
    const ended said = import("127.0.0.1:1", {"--dry-run"});
    EXPECT_EQ(said.code, 1);
    EXPECT_THAT(said.output, HasSubstr("f\t1\t0\t0\t0\t0\t5\n"));
    EXPECT_THAT(said.errors, HasSubstr("row 2 makes no sense: there is no priority 7"));
}

TEST_F(queue_import, a_key_of_64_bytes_loses_the_nul_that_gearmand_stores_for_its_last) {
    const std::string key(64, 'k');
    {
        const gearmand_process old({"--queue-type", "libsqlite3", "--libsqlite3-db", file()});
        runtime::client client({.servers = {old.where()}});
        ASSERT_TRUE(client.start(
            {.function = "f", .unique = key, .payload = shared_bytes(std::string("x")), .background = true}));
    }
    const sheafd_process server;
    const ended done = import(server);
    EXPECT_EQ(done.code, 0) << done.errors;
    EXPECT_EQ(admin(server, "show unique jobs"), key.substr(1) + "\n");
}

TEST_F(queue_import, what_is_no_queue_of_gearmands_is_refused) {
    const sheafd_process server;
    EXPECT_THAT(import(server).errors, HasSubstr("--libsqlite3-db"));
    std::ofstream(file()) << "this is no database, however long one looks at it";
    EXPECT_EQ(import(server).code, 1);
    std::filesystem::remove(file());
    store::sqlite_file(file()).run("CREATE TABLE other (x)");
    EXPECT_THAT(import(server).errors, HasSubstr("--libsqlite3-table"));
    EXPECT_THAT(import(server, {"--table", "x; DROP TABLE other"}).errors, HasSubstr("no name of a table"));
    EXPECT_FALSE(std::filesystem::exists(file() + ".imported")) << "nothing is to be noted of it";
    store::sqlite_file(file()).run("PRAGMA application_id = 1399349606");
    EXPECT_THAT(import(server).errors, HasSubstr("it is sheafd's own, not gearmand's"));
    const gearmand_process stock;
    std::filesystem::remove(file());
    fill("INSERT INTO gearman_queue VALUES ('a', 'f', 0, '12345', 0)");
    EXPECT_THAT(import("127.0.0.1:" + stock.port()).errors, HasSubstr("is no sheafd"));
}

}  // namespace
}  // namespace sheaf::test
