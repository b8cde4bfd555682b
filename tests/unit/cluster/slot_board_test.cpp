#include "cluster/slot_board.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sheaf/runtime/error.hpp"

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;

constexpr job_hash job = 42;

unique_fd copy_of(const slot_board& board) { return unique_fd(::fcntl(board.descriptor(), F_DUPFD_CLOEXEC, 0)); }

// A process that claims `job` in `slot` and dies of it.
pid_t die_over(slot_board& board, std::size_t slot) {
    const pid_t child = ::fork();
    if (child == 0) {
        board.claim(slot, job);
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    return child;
}

TEST(slot_board, a_claim_of_a_dead_process_becomes_a_loss_that_others_find) {
    slot_board board = slot_board::create(2);
    const pid_t dead = die_over(board, 1);
    slot_board other = slot_board::attach(copy_of(board));
    EXPECT_EQ(other.slots(), 2U);
    EXPECT_TRUE(other.claimed_elsewhere(job));
    EXPECT_FALSE(other.find_loss(job));

    ASSERT_TRUE(board.record_loss(1, {.pid = dead, .signal = SIGSEGV}));
    EXPECT_FALSE(other.claimed_elsewhere(job));
    const auto found = other.find_loss(job);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->pid, dead);
    EXPECT_EQ(found->signal, SIGSEGV);
    EXPECT_EQ(found->count, 1U);
}

TEST(slot_board, losses_of_one_job_are_counted_until_it_is_answered) {
    slot_board board = slot_board::create(1);
    for (unsigned count = 1; count <= 3; ++count) {
        board.claim(0, job);
        const auto recorded = board.record_loss(0, {.pid = 1, .signal = SIGKILL});
        ASSERT_TRUE(recorded);
        EXPECT_EQ(recorded->count, count);
    }
    board.forget_loss(job);
    EXPECT_FALSE(board.find_loss(job));
}

TEST(slot_board, a_slot_that_was_released_loses_nothing) {
    slot_board board = slot_board::create(1);
    board.claim(0, job);
    board.release(0);
    EXPECT_FALSE(board.record_loss(0, {.pid = 1, .signal = SIGKILL}));
}

TEST(slot_board, a_loss_tells_how_the_process_ended_and_what_it_wrote_last) {
    slot_board board = slot_board::create(1);
    const slot_board other = slot_board::attach(copy_of(board));
    board.claim(0, job);
    board.record_loss(0, {.pid = 1, .signal = SIGKILL, .account = "was killed", .last_lines = {"one", "", "three"}});
    EXPECT_EQ(other.find_loss(job)->account, "was killed");
    EXPECT_EQ(other.find_loss(job)->last_lines, (std::vector<std::string>{"one", "", "three"}));

    board.claim(0, job);
    board.record_loss(0, {.pid = 1, .account = "again", .last_lines = {std::string(10'000, 'x'), "too much"}});
    ASSERT_EQ(other.find_loss(job)->last_lines.size(), 1U);
    EXPECT_EQ(other.find_loss(job)->last_lines[0].size(), loss_text_max - std::string_view("again\n").size());

    board.claim(0, job);
    board.record_loss(0, {.pid = 1});
    EXPECT_EQ(other.find_loss(job)->account, "");
    EXPECT_TRUE(other.find_loss(job)->last_lines.empty());
}

TEST(slot_board, of_very_many_losses_the_latest_are_kept) {
    slot_board board = slot_board::create(1);
    for (job_hash each = 1; each <= 10'000; ++each) {
        board.claim(0, each);
        board.record_loss(0, {.pid = 1, .signal = SIGKILL});
    }
    EXPECT_TRUE(board.find_loss(10'000));
    EXPECT_TRUE(board.find_loss(9'900));
    EXPECT_FALSE(board.find_loss(1));
}

TEST(slot_board, who_waits_for_a_verdict_wakes_when_the_loss_is_recorded) {
    slot_board board = slot_board::create(1);
    const pid_t dead = die_over(board, 0);
    EXPECT_FALSE(board.await_verdict(job, 1ms));
    std::thread supervisor([&] { board.record_loss(0, {.pid = dead, .signal = SIGSEGV}); });
    EXPECT_TRUE(board.await_verdict(job, 20s));
    supervisor.join();
    EXPECT_TRUE(board.find_loss(job));
}

TEST(slot_board, our_own_claims_are_not_claims_of_others) {
    slot_board board = slot_board::create(1);
    board.claim(0, job);
    EXPECT_FALSE(board.claimed_elsewhere(job));
}

TEST(slot_board, memory_that_is_no_board_is_refused) {
    unique_fd small(::memfd_create("small", MFD_CLOEXEC));
    EXPECT_THROW((void)slot_board::attach(std::move(small)), runtime_failure);
    unique_fd zeros(::memfd_create("zeros", MFD_CLOEXEC));
    ASSERT_EQ(::ftruncate(zeros.get(), 1 << 20), 0);
    EXPECT_THROW((void)slot_board::attach(std::move(zeros)), runtime_failure);
    EXPECT_THROW((void)slot_board::attach(unique_fd(-1)), runtime_failure);
}

TEST(hash_job, tells_servers_handles_and_payloads_apart) {
    const job_hash one = hash_job("a:1", "H:x:1", "payload");
    EXPECT_EQ(one, hash_job("a:1", "H:x:1", "payload"));
    EXPECT_NE(one, hash_job("b:1", "H:x:1", "payload"));
    EXPECT_NE(one, hash_job("a:1", "H:x:2", "payload"));
    EXPECT_NE(one, hash_job("a:1", "H:x:1", "other"));
}

TEST(slot_board, each_process_has_lent_slots_of_its_own_in_which_losses_are_found_too) {
    slot_board board = slot_board::create(2, 3);
    EXPECT_EQ(board.slots(), 6U);
    const process_slots first = board.slots_of(0, 3);
    const process_slots second = board.slots_of(3, 3);
    EXPECT_EQ(first.place(2), 2U);
    EXPECT_EQ(second.place(0), 3U);
    EXPECT_EQ(first.place(3), 6U);
    EXPECT_EQ(second.place(3), 6U + lent_slots_max);

    const std::size_t lent = second.place(3 + lent_slots_max - 1);
    const pid_t dead = die_over(board, lent);
    const slot_board other = slot_board::attach(copy_of(board));
    EXPECT_TRUE(other.claimed_elsewhere(job));
    ASSERT_TRUE(board.record_loss(lent, {.pid = dead, .signal = SIGSEGV}));
    EXPECT_FALSE(other.claimed_elsewhere(job));
    EXPECT_TRUE(other.find_loss(job));
    EXPECT_EQ(other.nonce(), board.nonce());
}

}  // namespace
}  // namespace sheaf::detail
