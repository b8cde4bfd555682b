#include "cluster/attempt_gate.hpp"

#include <signal.h>

#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

constexpr job_hash job = 42;

void lose(slot_board& board) {
    board.claim(0, job);
    board.record_loss(0, {.pid = 7, .signal = SIGSEGV});
}

TEST(attempt_gate, a_job_that_nobody_died_over_is_a_first_attempt) {
    slot_board board = slot_board::create(1);
    const attempt_gate gate(&board, 0, job, 1);
    EXPECT_FALSE(gate.refusal());
    EXPECT_EQ(gate.attempt(), 1U);
}

TEST(attempt_gate, a_job_that_may_be_tried_once_is_refused_after_one_loss) {
    slot_board board = slot_board::create(1);
    lose(board);
    const attempt_gate gate(&board, 0, job, 1);
    ASSERT_TRUE(gate.refusal());
    EXPECT_EQ(gate.refusal()->signal, SIGSEGV);
    EXPECT_EQ(gate.refusal()->pid, 7);
    EXPECT_EQ(gate.attempt(), 1U);
}

TEST(attempt_gate, a_job_that_may_be_tried_again_is_until_its_attempts_are_used_up) {
    slot_board board = slot_board::create(1);
    lose(board);
    lose(board);
    const attempt_gate third(&board, 0, job, 3);
    EXPECT_FALSE(third.refusal());
    EXPECT_EQ(third.attempt(), 3U);
    board.record_loss(0, {.pid = 8, .signal = SIGKILL});
    const attempt_gate fourth(&board, 0, job, 3);
    EXPECT_TRUE(fourth.refusal());
    EXPECT_EQ(fourth.attempt(), 3U);
}

TEST(attempt_gate, the_process_that_dies_inside_it_leaves_a_loss) {
    slot_board board = slot_board::create(2);
    const attempt_gate gate(&board, 1, job, 1);
    const auto recorded = board.record_loss(1, {.pid = 8, .signal = SIGKILL});
    ASSERT_TRUE(recorded);
    EXPECT_EQ(recorded->count, 1U);
}

TEST(attempt_gate, a_job_that_was_answered_leaves_no_trace) {
    slot_board board = slot_board::create(1);
    lose(board);
    { const attempt_gate second(&board, 0, job, 2); }
    EXPECT_FALSE(board.find_loss(job));
    lose(board);
    { const attempt_gate refused(&board, 0, job, 1); }
    EXPECT_FALSE(board.find_loss(job));
    EXPECT_FALSE(board.record_loss(0, {.pid = 7, .signal = SIGSEGV}));
}

TEST(attempt_gate, without_a_board_every_job_is_a_first_attempt) {
    const attempt_gate gate(nullptr, 0, job, 1);
    EXPECT_FALSE(gate.refusal());
    EXPECT_EQ(gate.attempt(), 1U);
}

}  // namespace
}  // namespace sheaf::detail
