// What a user at a terminal sees, and what a pipe gets.
#include <pty.h>
#include <sys/wait.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process_tree.hpp"
#include "text_maker.hpp"
#include "word_count.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// A program on a terminal of its own.
class terminal_session {
  public:
    explicit terminal_session(command what) {
        std::vector<char*> arguments;
        for (std::string& argument : what.arguments) arguments.push_back(argument.data());
        arguments.push_back(nullptr);
        const winsize size{.ws_row = 24, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
        int terminal = -1;
        pid_ = ::forkpty(&terminal, nullptr, nullptr, &size);
        if (pid_ == 0) {
            for (std::string& entry : what.environment) ::putenv(entry.data());
            ::execvp(arguments[0], arguments.data());
            ::_exit(127);
        }
        terminal_ = unique_fd(terminal);
    }
    terminal_session(const terminal_session&) = delete;
    terminal_session& operator=(const terminal_session&) = delete;
    ~terminal_session() {
        if (ended_) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    [[nodiscard]] pid_t pid() const { return pid_; }
    void type(std::string_view keys) const {
        ASSERT_EQ(::write(terminal_.get(), keys.data(), keys.size()), ssize_t(keys.size()));
    }

    /// Everything on the screen up to `text`, or to the end of the program.
    std::string read_until(std::string_view text) {
        const deadline until(60s);
        char block[4096];
        while (screen_.find(text) == std::string::npos || text.empty()) {
            if (!until.wait(terminal_.get(), POLLIN)) break;
            const ssize_t n = ::read(terminal_.get(), block, sizeof block);
            if (n <= 0) break;  // EIO: the program has closed the terminal
            screen_.append(block, static_cast<std::size_t>(n));
        }
        return screen_;
    }
    int exit_code() {
        read_until("");
        int status = 0;
        ended_ = ::waitpid(pid_, &status, 0) == pid_;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

  private:
    pid_t pid_ = -1;
    unique_fd terminal_;
    std::string screen_;
    bool ended_ = false;
};

TEST(word_count_on_a_terminal, shows_a_line_of_progress_and_erases_it) {
    word_count_place place;
    place.add_input("text", text_maker(1).prose(20'000'000));
    terminal_session session(place.program_over_input());
    EXPECT_THAT(session.read_until("MiB of 19 MiB"), HasSubstr("\rwordcount: map "));
    EXPECT_EQ(session.exit_code(), 0);
    const std::string screen = session.read_until("");
    // Before the report, the line is gone.
    EXPECT_THAT(screen, HasSubstr("\r\x1b[Kinput     19 MiB in 1 file"));
    expect_equal(read_counts(place.output()), place.expected);
}

TEST(word_count_on_a_terminal, ends_with_130_at_ctrl_c_and_leaves_nothing) {
    word_count_place place;
    write_file(place.input() / "text", text_maker(1).prose(40'000'000));
    terminal_session session(place.program_over_input());
    session.read_until("wordcount: map ");
    std::vector<other_process> workers;
    for (const pid_t one : descendants_of(session.pid())) workers.emplace_back(one);
    session.type("\x03");  // goes to the driver and to its workers
    EXPECT_EQ(session.exit_code(), 130) << session.read_until("");
    for (const other_process& one : workers) EXPECT_TRUE(one.ends(5s));
    EXPECT_FALSE(std::filesystem::exists(place.output()));
    expect_no_leftovers(place);
}

TEST(word_count_in_a_pipe, writes_nothing_but_its_report) {
    word_count_place place;
    place.add_input("text", text_maker(1).prose(5'000'000));
    const outcome ended = run(place.program_over_input());
    expect_counted(ended, place);
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, Not(HasSubstr("\r")));
    EXPECT_TRUE(ended.err.starts_with("input     4.8 MiB in 1 file")) << ended.err;
}

}  // namespace
}  // namespace sheaf::test
