// The same program, unchanged, on servers and workers that were started elsewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/cluster/gearmand_process.hpp"
#include "integration/cluster/worker_program.hpp"
#include "process_tree.hpp"
#include "support/sheafd_process.hpp"
#include "text_maker.hpp"
#include "word_count.hpp"
#include <sheaf/server_status.hpp>

namespace sheaf::test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct word_count_on_servers : testing::Test {
    word_count_on_servers() { place.add_input("text", text_maker(1).prose(10'000'000)); }

    outcome expect_counted_on(const std::string& servers) {
        command what = place.program_over_input();
        what.environment.emplace_back("SHEAF_SERVER=" + servers);
        std::erase(what.environment, "SHEAF_SERVER=");
        outcome ended = run(std::move(what));
        expect_counted(ended, place);
        return ended;
    }

    word_count_place place;
};

TEST_F(word_count_on_servers, sheafd_with_workers_of_the_command_line) {
    const sheafd_process server;
    const std::string address = "127.0.0.1:" + server.port();
    const worker_program workers(address, "examples/wordcount");
    expect_counted_on(address);
}

TEST_F(word_count_on_servers, stock_gearmand_with_workers_of_the_command_line) {
    const gearmand_process server;
    const std::string address = "127.0.0.1:" + server.port();
    const worker_program workers(address, "examples/wordcount");
    expect_counted_on(address);
}

TEST_F(word_count_on_servers, threads_of_one_process) { expect_counted_on("inproc:"); }

TEST_F(word_count_on_servers, a_driver_without_workers_waits_for_them) {
    const sheafd_process server;
    const std::string address = "127.0.0.1:" + server.port();
    command what = place.program_over_input();
    std::erase(what.environment, "SHEAF_SERVER=");
    what.environment.emplace_back("SHEAF_SERVER=" + address);
    process driver(std::move(what));
    ASSERT_TRUE(eventually([&] { return driver.error_output().find("no worker offers") != std::string::npos; }));
    const worker_program workers(address, "examples/wordcount");
    const outcome ended = finish(driver);
    expect_counted(ended, place);
    EXPECT_THAT(ended.err, HasSubstr("no worker offers wordcount.map yet"));
}

TEST_F(word_count_on_servers, workers_with_temporary_files_elsewhere_are_told_apart) {
    // A worker needs no SHEAF_TMPDIR of its own: the run's directory comes with the call.
    const sheafd_process server;
    const std::string address = "127.0.0.1:" + server.port();
    ::setenv("SHEAF_TMPDIR", "/nowhere/at/all", 1);
    const worker_program workers(address, "examples/wordcount");
    ::unsetenv("SHEAF_TMPDIR");
    expect_counted_on(address);
}

TEST_F(word_count_on_servers, a_server_of_several_that_is_down_keeps_no_run_from_its_workers) {
    const sheafd_process server;
    const std::string address = "127.0.0.1:" + server.port();
    const worker_program workers(address, "examples/wordcount");
    ASSERT_TRUE(eventually([&] { return server_status(address).front().function("wordcount.map").workers != 0; }));
    const std::string down = "unix:" + (place / "no-socket").string();
    EXPECT_THAT(expect_counted_on(down + "," + address).err, Not(HasSubstr("no worker offers")));
}

TEST_F(word_count_on_servers, no_server_is_one_error) {
    command what = place.program_over_input();
    std::erase(what.environment, "SHEAF_SERVER=");
    what.environment.emplace_back("SHEAF_SERVER=unix:" + (place / "no-socket").string());
    expect_failed(run(std::move(what)), place, "SHEAF_SERVER");
}

}  // namespace
}  // namespace sheaf::test
