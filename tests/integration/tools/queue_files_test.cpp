// sheaf queue backup and check: copies of a queue in use, and what is known of one that no server has.
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "integration/tools/tool_runs.hpp"
#include "sheaf/runtime/client.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class queue_files : public ::testing::Test {
  protected:
    static ended queue(std::vector<std::string> words) {
        words.insert(words.begin(), {program("sheaf"), "queue"});
        process child(std::move(words));
        std::string output = child.read_all();
        return {child.wait().value_or(-1), std::move(output), child.error_output()};
    }
    static std::string submit(const sheafd_process& to, std::string payload) {
        runtime::client client({.servers = {to.where()}});
        auto job = client.start({.function = "note",
                                 .payload = shared_bytes(payload),
                                 .deadline = std::chrono::steady_clock::now() + patience});
        if (!job) throw peer_failure(job.error().message);
        return job->handle;
    }
    static bool knows(const sheafd_process& server, const std::string& handle) {
        runtime::client client({.servers = {server.where()}});
        return client.status(handle, patience)->known;
    }

    scratch_directory place_;
};

TEST_F(queue_files, a_copy_of_a_queue_in_use_is_a_queue) {
    const std::string original = place_ / "original";
    const std::string copy = place_ / "copy";
    std::filesystem::create_directory(copy);
    sheafd_process server({"--data-dir", original});
    const std::string before = submit(server, "before");
    const ended made = queue({"backup", "monday.1", "--server", "127.0.0.1:" + server.port()});
    EXPECT_EQ(made.code, 0) << made.errors;
    const std::string path = original + "/backups/monday.1.sqlite";
    EXPECT_THAT(made.output, HasSubstr(path));
    const std::string after = submit(server, "after");

    EXPECT_EQ(queue({"backup", "monday.1", "--server", "127.0.0.1:" + server.port()}).code, 1) << "it is there";
    EXPECT_EQ(queue({"backup", "../up", "--server", "127.0.0.1:" + server.port()}).code, 2);
    const ended held = queue({"check", original});
    EXPECT_EQ(held.code, 1);
    EXPECT_THAT(held.errors, HasSubstr("a server has it open. Stop that one, or check a copy"));

    std::filesystem::copy_file(path, copy + "/jobs.sqlite");
    const ended sound = queue({"check", copy});
    EXPECT_EQ(sound.code, 0) << sound.errors;
    EXPECT_THAT(sound.output, AllOf(HasSubstr("1 job, 0 results"), HasSubstr("all is well")));
    sheafd_process restored({"--data-dir", copy});
    EXPECT_TRUE(knows(restored, before));
    EXPECT_FALSE(knows(restored, after));
    EXPECT_NE(submit(restored, "new"), after) << "the original has given that handle";
}

TEST_F(queue_files, what_is_wrong_with_a_queue_is_said) {
    const std::string directory = place_ / "queue";
    sheafd_process server({"--data-dir", directory});
    server.child().send_signal(SIGTERM);
    EXPECT_EQ(server.child().wait(), 0);
    const std::string file = directory + "/jobs.sqlite";
    EXPECT_EQ(queue({"check", file}).code, 0);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory), {}), 1) << "nothing is made beside it";
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    const ended damaged = queue({"check", directory});
    EXPECT_EQ(damaged.code, 1);
    EXPECT_THAT(damaged.errors, AllOf(HasSubstr("it is damaged"), HasSubstr("into a directory of its own"),
                                      HasSubstr("jobs.sqlite-wal away"), Not(HasSubstr("\\x0a"))));
    EXPECT_EQ(queue({"check", place_ / "nowhere"}).code, 1);
    EXPECT_EQ(queue({"check"}).code, 2);
}

}  // namespace
}  // namespace sheaf::test
