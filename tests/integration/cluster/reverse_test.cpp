// The example "reverse" with Gearman's own tools, both ways.
#include <gtest/gtest.h>

#include "integration/cluster/worker_program.hpp"
#include "support/sheafd_process.hpp"
#include <sheaf/cluster.hpp>

namespace sheaf::test {
namespace {

constexpr task<"reverse", std::string(std::string), raw> reverse{};

TEST(reverse_example, answers_the_gearman_tool) {
    const sheafd_process server;
    const worker_program workers(to_string(server.where()), "examples/reverse");
    process client({"gearman", "-h", "127.0.0.1", "-p", server.port(), "-f", "reverse"});
    client.write("Hello Lisp World!");
    client.close_input();
    EXPECT_EQ(client.read_all(), "!dlroW psiL olleH");
    EXPECT_EQ(client.wait(), 0) << client.error_output();
}

TEST(reverse_example, says_what_it_is) {
    const sheafd_process server;
    const worker_program workers(to_string(server.where()), "examples/reverse");
    process client({"gearman", "-h", "127.0.0.1", "-p", server.port(), "-f", "get-implementation", "?"});
    EXPECT_TRUE(client.read_all().starts_with("Sheaf "));
}

TEST(reverse_example, is_a_worker_without_a_supervisor_too) {
    const sheafd_process server;
    process worker(
        command{{program("examples/reverse")}, {"SHEAF_ROLE=worker", "SHEAF_SERVER=" + to_string(server.where())}});
    auto calls = cluster::connect(to_string(server.where()));
    EXPECT_EQ(calls.call(reverse("abc"), {.deadline = patience}), "cba");
    worker.send_signal(SIGINT);
    EXPECT_EQ(worker.wait(), 0) << worker.error_output();
}

TEST(reverse_example, by_itself_has_all_that_it_needs) {
    process alone({program("examples/reverse"), "Hello World!"});
    EXPECT_EQ(alone.read_all(), "!dlroW olleH\n");
    EXPECT_EQ(alone.wait(), 0) << alone.error_output();
}

TEST(reverse_example, calls_a_worker_that_is_not_ours) {
    const sheafd_process server;
    const process worker({"gearman", "-h", "127.0.0.1", "-p", server.port(), "-w", "-f", "reverse", "--", "rev"});
    process client(
        command{{program("examples/reverse"), "Hello World!"}, {"SHEAF_SERVER=" + to_string(server.where())}});
    EXPECT_EQ(client.read_line(), "!dlroW olleH");  // some versions of rev(1) add a newline
    EXPECT_EQ(client.wait(), 0) << client.error_output();
}

}  // namespace
}  // namespace sheaf::test
