#include "sheaf/runtime/shared_bytes.hpp"

#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace {

using sheaf::byte_block;
using sheaf::shared_bytes;

byte_block block_of(std::string_view text) {
    byte_block block(text.size());
    std::memcpy(block.data(), text.data(), text.size());
    block.resize(text.size());
    return block;
}

TEST(byte_block, growing_keeps_what_is_there) {
    byte_block block = block_of("abc");
    block.grow(1000);
    EXPECT_GE(block.capacity(), 1000U);
    EXPECT_EQ(std::string_view(block.data(), block.size()), "abc");
}

TEST(byte_block, growing_to_less_changes_nothing) {
    byte_block block = block_of("abc");
    const char* const before = block.data();
    block.grow(1);
    EXPECT_EQ(block.data(), before);
    EXPECT_EQ(block.capacity(), 3U);
}

TEST(shared_bytes, a_full_block_becomes_bytes_without_a_copy) {
    byte_block block = block_of("header:payload");
    const char* const memory = block.data();
    const shared_bytes bytes(std::move(block), 7, 7);
    EXPECT_FALSE(block.valid());  // NOLINT: a block that was given away is empty by contract
    EXPECT_EQ(bytes.view(), "payload");
    EXPECT_EQ(bytes.view().data(), memory + 7);
}

TEST(shared_bytes, copies_and_suffixes_share_memory_and_outlive_the_original) {
    std::optional<shared_bytes> whole(std::in_place, "header:payload");
    const shared_bytes copy = *whole;
    const shared_bytes part = whole->suffix(7);
    EXPECT_EQ(copy.view().data(), whole->view().data());
    EXPECT_EQ(part.view().data(), whole->view().data() + 7);
    whole.reset();
    EXPECT_EQ(copy.view(), "header:payload");
    EXPECT_EQ(part.suffix(4).view(), "load");
}

TEST(shared_bytes, assignment_and_moves_leave_every_owner_with_its_own_bytes) {
    shared_bytes a("first");
    shared_bytes b("second");
    a = b;
    EXPECT_EQ(a.view(), "second");
    const shared_bytes& self = a;
    a = self;
    EXPECT_EQ(a.view(), "second");
    b = shared_bytes("third");
    EXPECT_EQ(a.view(), "second");
    const shared_bytes moved = std::move(b);
    EXPECT_EQ(moved.view(), "third");
    EXPECT_TRUE(b.empty());  // NOLINT: moved-from bytes are empty by contract
}

TEST(shared_bytes, nothing_is_empty_whatever_it_is_made_of) {
    EXPECT_TRUE(shared_bytes().view().empty());
    EXPECT_TRUE(shared_bytes("").view().empty());
    EXPECT_TRUE(shared_bytes("abc").suffix(0).view().empty());
    EXPECT_TRUE(shared_bytes(byte_block(), 0, 0).view().empty());
}

TEST(shared_bytes, owners_on_several_threads_release_the_memory_once) {
    const std::string text(100, 'x');
    shared_bytes bytes(text);
    {
        std::vector<std::jthread> threads;
        threads.reserve(4);
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([mine = bytes, &text] {
                for (int round = 0; round < 1000; ++round) {
                    shared_bytes part = mine;
                    part = part.suffix(10);
                    ASSERT_EQ(part.view(), text.substr(90));
                }
            });
        }
        bytes = {};
    }
    EXPECT_TRUE(bytes.empty());
}

}  // namespace
