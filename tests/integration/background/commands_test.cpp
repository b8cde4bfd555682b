// `sheaf job`, `sheaf result`, `sheaf dead` and `sheaf submit -b` against sheafd, as a person and as a script use them.
#include <string>
#include <vector>

#include "integration/background/desk_fixture.hpp"
#include "support/raw_peer.hpp"
#include <sheaf/detail/envelope.hpp>
#include <sheaf/runtime/client.hpp>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using protocol::packet_type;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct ended {
    int code = -1;
    std::string output;
    std::string errors;
};

ended run(std::vector<std::string> words, const std::vector<std::string>& environment) {
    words.insert(words.begin(), program("sheaf"));
    process child(command{std::move(words), environment});
    child.close_input();
    std::string output = child.read_all();
    const int code = child.wait().value_or(-1);
    return {code, std::move(output), child.error_output()};
}

class job_commands : public background_jobs {
  protected:
    ended sheaf(std::vector<std::string> words) const {
        return run(std::move(words), {"SHEAF_SERVER=" + to_string(server.where())});
    }
    /// The handle that `sheaf submit -b` prints.
    std::string submit(std::vector<std::string> words) const {
        words.insert(words.begin(), {"submit", "-b"});
        ended done = sheaf(std::move(words));
        EXPECT_EQ(done.code, 0) << done.errors;
        EXPECT_TRUE(done.output.ends_with('\n'));
        return done.output.substr(0, done.output.size() - 1);
    }
    /// A worker that runs these commands of the shell.
    void serve(const std::vector<std::string>& functions) {
        std::vector<std::string> words{program("sheaf"), "worker", "-n", "1"};
        for (const std::string& one : functions) words.insert(words.end(), {"--exec", one});
        shell_ = std::make_unique<process>(command{words, {"SHEAF_SERVER=" + to_string(server.where())}});
        EXPECT_THAT(shell_->read_line().value_or(""), StartsWith("sheaf worker ready"));
    }

  private:
    std::unique_ptr<process> shell_;
};

TEST_F(job_commands, a_raw_job_can_be_asked_about_and_its_result_fetched_by_handle_and_by_key) {
    const std::string handle = submit({"-f", "upper", "-u", "order 17", "text"});
    const ended waiting = sheaf({"job", handle});
    EXPECT_EQ(waiting.code, 0) << waiting.errors;
    EXPECT_THAT(waiting.output, StartsWith(handle + "  upper\n  state     queued: no worker offers upper\n"));
    EXPECT_THAT(sheaf({"job", "--json", "--unique", "order 17"}).output, HasSubstr("\"handle\":\"" + handle + "\""));
    serve({"upper=tr a-z A-Z"});
    const ended result = sheaf({"result", handle});
    EXPECT_EQ(result.code, 0) << result.errors;
    EXPECT_EQ(result.output, "TEXT");
    server.kill();
    server.start();
    EXPECT_EQ(sheaf({"result", "--unique", "order 17"}).output, "TEXT");
    EXPECT_THAT(sheaf({"job", handle}).output, HasSubstr("completed: its result is kept"));
}

TEST_F(job_commands, a_job_that_fails_for_good_is_listed_shown_retried_and_purged) {
    serve({"flaky=echo trouble >&2; test -e " + file("mended") + " && echo fine"});
    const std::string handle = submit({"-f", "flaky", "--attempts", "1", "payload"});
    const ended failed = sheaf({"result", handle});
    EXPECT_EQ(failed.code, 1);
    EXPECT_EQ(failed.output, "");
    EXPECT_THAT(failed.errors, HasSubstr("it is a dead letter: its worker reported a failure\n"));
    EXPECT_THAT(failed.errors, HasSubstr("sheaf dead show " + handle));
    EXPECT_EQ(sheaf({"job", handle}).code, 1);
    EXPECT_THAT(sheaf({"dead", "list"}).output, HasSubstr(handle + "  flaky     1         "));
    EXPECT_EQ(sheaf({"dead", "list", "other"}).output, "no dead letters\n");
    EXPECT_THAT(sheaf({"dead", "list", "--json"}).output, HasSubstr("\"total\":1"));
    const std::string shown = sheaf({"dead", "show", handle}).output;
    EXPECT_THAT(shown, HasSubstr("payload   7 bytes: payload"));
    EXPECT_THAT(shown, HasSubstr("exited with status 1"));

    write_file(file("mended"), "");
    EXPECT_EQ(sheaf({"dead", "retry", handle}).output, "1 job queued again\n");
    EXPECT_EQ(sheaf({"result", handle}).output, "fine\n");
    const ended again = sheaf({"dead", "retry", handle});
    EXPECT_EQ(again.code, 1);
    EXPECT_THAT(again.errors, HasSubstr("no dead letter"));

    std::filesystem::remove(file("mended"));
    EXPECT_EQ(sheaf({"result", submit({"-f", "flaky", "--attempts", "1", "x"})}).code, 1);
    EXPECT_EQ(sheaf({"dead", "purge", "--all", "--function", "other"}).output, "0 jobs forgotten\n");
    EXPECT_EQ(sheaf({"dead", "purge", "--all"}).output, "1 job forgotten\n");
    EXPECT_EQ(sheaf({"dead", "list"}).output, "no dead letters\n");
}

TEST(job_command, a_result_that_was_too_large_to_be_kept_is_not_said_to_be_kept) {
    const durable_server server({"--result-bytes", "1"});
    const std::vector<std::string> there{"SHEAF_SERVER=" + to_string(server.where())};
    for (const char* const text : {"1", "22"}) {
        EXPECT_EQ(run({"submit", "-b", "-f", "same", "-u", text, text}, there).code, 0);
    }
    EXPECT_EQ(run({"worker", "-n", "1", "--exec", "same=cat", "--jobs", "2"}, there).code, 0);
    EXPECT_THAT(run({"job", "--unique", "1"}, there).output, HasSubstr("\n  result    1 byte, kept until "));
    const std::string large = run({"job", "--unique", "22"}, there).output;
    EXPECT_THAT(large, HasSubstr("completed: its result was too large to be kept\n"));
    EXPECT_THAT(large, HasSubstr("\n  result    2 bytes\n"));
}

TEST_F(job_commands, the_id_of_a_typed_job_leads_to_its_server_and_what_its_worker_said_is_decoded) {
    start_worker();
    const auto job = here.enqueue(tally(file("lines"), 9), {.retry = retry{1}});
    (void)job.result(patience);
    const ended status = run({"job", job.id()}, {});
    EXPECT_EQ(status.code, 1);
    EXPECT_THAT(status.output, HasSubstr("failed: it is a dead letter"));
    const std::string shown = run({"dead", "show", job.id()}, {}).output;
    EXPECT_THAT(shown, HasSubstr("a typed call"));
    EXPECT_THAT(shown, HasSubstr("task \"desk.tally\": not yet"));
    EXPECT_THAT(shown, HasSubstr("worker "));
    EXPECT_THAT(shown, HasSubstr("line 1"));  // its last warning
    EXPECT_THAT(shown, Not(HasSubstr("SX\x01")));
    const auto text = here.enqueue(hold(file("job")));
    write_file(file("job.go"), "");
    EXPECT_THAT(run({"result", text.id()}, {}).output, testing::EndsWith("went"));
}

TEST_F(job_commands, a_result_is_printed_without_what_a_typed_worker_says_on_the_side) {
    raw_peer worker(server.where());
    worker.send<packet_type::can_do>("typed");
    const std::string handle = submit({"-f", "typed", "-u", "one", "x"});
    worker.send<packet_type::grab_job>();
    worker.expect(packet_type::job_assign);
    process waiting(command{{program("sheaf"), "result", handle}, {"SHEAF_SERVER=" + to_string(server.where())}});
    runtime::client client({.servers = {server.where()}});
    ASSERT_TRUE(eventually(
        [&] { return client.status_by_unique("one", patience).value_or(runtime::job_status{}).clients == 1; }));
    const auto sign = detail::write_sign_of_life({.control = "sheaf.ctl.1", .attempt = 1});
    const auto answer = detail::write_answer("the result");
    worker.send<packet_type::work_data>(handle, sign.view());
    worker.send<packet_type::work_complete>(handle, answer.view());
    EXPECT_EQ(waiting.read_all(), "the result");
    EXPECT_EQ(waiting.wait(), 0);
}

TEST_F(job_commands, an_attempt_has_the_same_number_wherever_it_is_named) {
    raw_peer worker(server.where());
    worker.send<packet_type::can_do>("twice");
    const std::string handle = submit({"-f", "twice", "--attempts", "1", "x"});
    EXPECT_THAT(sheaf({"job", "--json", handle}).output, HasSubstr("\"attempt\":0"));
    worker.send<packet_type::grab_job>();
    worker.expect(packet_type::job_assign);
    EXPECT_THAT(sheaf({"job", "--json", handle}).output, HasSubstr("\"attempt\":1"));
    EXPECT_THAT(sheaf({"job", handle}).output, HasSubstr("attempt   1 of 1"));
    worker.send<packet_type::work_fail>(handle);
    EXPECT_EQ(sheaf({"result", handle}).code, 1);
    EXPECT_THAT(sheaf({"job", "--json", handle}).output, HasSubstr("\"attempt\":1"));
}

TEST_F(job_commands, a_server_that_cannot_be_reached_and_one_that_is_silent_are_told_apart) {
    const std::string nobody = "127.0.0.1:" + std::to_string(free_port());
    const std::vector<std::vector<std::string>> commands{
        {"job", "H:1:1"}, {"result", "H:1:1"}, {"dead", "list"}, {"dead", "show", "H:1:1"}};
    for (std::vector<std::string> words : commands) {
        words.insert(words.end(), {"--timeout", "0.2", "--server", nobody});
        const ended said = run(words, {});
        EXPECT_EQ(said.code, 3) << words[0] << ": " << said.errors;
        EXPECT_THAT(said.errors, HasSubstr(nobody));
    }
    sheafd_process silent;
    silent.child().send_signal(SIGSTOP);
    EXPECT_EQ(run({"job", "H:1:1", "--timeout", "0.2", "--server", to_string(silent.where())}, {}).code, 4);
    silent.child().send_signal(SIGCONT);
}

TEST_F(job_commands, of_several_servers_one_that_is_away_is_not_waited_for) {
    const std::string nobody = "127.0.0.1:" + std::to_string(free_port());
    const std::string both = nobody + "," + to_string(server.where());
    start_worker();
    const auto job = here.enqueue(square(5));
    EXPECT_EQ(job.get(patience), 25);
    const std::string handle = job.status().handle;
    // Whoever waited for it would do so for a minute.
    EXPECT_EQ(run({"result", "-t", "60", handle, "--server", both}, {}).code, 0);
    EXPECT_EQ(run({"job", "--timeout", "60", handle, "--server", both}, {}).code, 0);
    const ended list = run({"dead", "list", "--timeout", "60", "--server", both}, {});
    EXPECT_EQ(list.code, 3) << "a part of the list is missing";
    EXPECT_THAT(list.errors, HasSubstr(nobody));
    EXPECT_EQ(run({"runs", "list", "--timeout", "60", "--server", both}, {}).code, 3);
    const ended unsure = run({"runs", "show", "nothing", "--timeout", "0.2", "--server", both}, {});
    EXPECT_EQ(unsure.code, 4) << "the one that is away may have it";
    EXPECT_THAT(unsure.errors, HasSubstr(nobody));
}

TEST_F(job_commands, a_delayed_job_is_not_due) {
    const std::string handle = submit({"-f", "upper", "--delay", "3600", "--keep", "5", "x"});
    EXPECT_THAT(sheaf({"job", handle}).output, HasSubstr("delayed: not due for 3"));
    const ended late = sheaf({"result", "-t", "0.05", handle});
    EXPECT_EQ(late.code, 4);
    const std::string next_decade = submit({"-f", "upper", "--delay", "315360000", "x"});
    EXPECT_THAT(sheaf({"job", next_decade}).output, HasSubstr("delayed: not due for 315"));
}

TEST_F(job_commands, what_cannot_be_done_is_said) {
    EXPECT_EQ(sheaf({"job"}).code, 2);
    EXPECT_EQ(sheaf({"dead", "retry"}).code, 2);
    EXPECT_EQ(sheaf({"dead", "retry", "--all", "H:1"}).code, 2);
    EXPECT_EQ(sheaf({"submit", "-f", "f", "--attempts", "2", "x"}).code, 2);
    const ended unknown = sheaf({"job", "H:nowhere:1"});
    EXPECT_EQ(unknown.code, 1);
    EXPECT_THAT(unknown.output, StartsWith("unknown: "));
    const ended gone = sheaf({"result", "H:nowhere:1"});
    EXPECT_EQ(gone.code, 1);
    EXPECT_THAT(gone.errors, HasSubstr("No job has this handle"));
    for (const char* const verb : {"show", "retry", "purge"}) {
        const ended no_letter = sheaf({"dead", verb, "H:nowhere:1"});
        EXPECT_EQ(no_letter.code, 1) << verb << ": " << no_letter.errors;
        EXPECT_THAT(no_letter.errors, HasSubstr("No job has this handle"));
    }
    stock_server stock;
    const std::vector<std::string> elsewhere{"SHEAF_SERVER=" + to_string(stock.where())};
    const ended refused = run({"submit", "-b", "-f", "f", "--attempts", "2", "x"}, elsewhere);
    EXPECT_EQ(refused.code, 1);
    EXPECT_EQ(refused.output, "");  // not even an empty line
    EXPECT_THAT(refused.errors, HasSubstr("is not Sheaf's own server"));
    EXPECT_EQ(run({"job", "H:ant:1"}, elsewhere).code, 1);
}

}  // namespace
}  // namespace sheaf::test
