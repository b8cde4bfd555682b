#include "protocol/output_buffer.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sheaf::protocol {
namespace {

// An output_buffer beside a plain string that must always hold the same bytes.
class modelled_buffer {
  public:
    explicit modelled_buffer(std::uint32_t seed) : random_(seed) {}

    void step() {
        switch (below(10)) {
            case 0:
            case 1:
            case 2: append_copied(fresh(below(300))); break;
            case 3: extend(fresh(1 + below(5'000))); break;
            case 4:
            case 5: append_shared(fresh(output_buffer::reference_threshold - 20 + below(40))); break;
            case 6: append_shared(fresh(below(60'000))); break;
            case 7: consume(below(model_.size() + 1)); break;
            case 8: consume(gathered(1 + below(3))); break;
            default:
                if (below(20) == 0) clear();
        }
    }

    // The whole content, piece by piece.
    void check() {
        ASSERT_EQ(buffer_.size(), model_.size());
        ASSERT_EQ(buffer_.empty(), model_.empty());
        std::vector<std::string_view> pieces(2'000);
        pieces.resize(buffer_.gather(pieces));
        std::string content;
        for (const std::string_view piece : pieces) {
            ASSERT_FALSE(piece.empty());
            content += piece;
        }
        ASSERT_TRUE(content == model_);
    }

  private:
    std::size_t below(std::size_t n) { return random_() % n; }
    std::string fresh(std::size_t size) {
        std::string bytes(size, '\0');
        for (char& c : bytes) c = static_cast<char>(counter_++ * 2'654'435'761U >> 24);
        return bytes;
    }
    void append_copied(const std::string& bytes) {
        buffer_.append(bytes);
        model_ += bytes;
    }
    void extend(const std::string& bytes) {
        std::ranges::copy(bytes, buffer_.extend(bytes.size()));
        model_ += bytes;
    }
    void append_shared(const std::string& bytes) {
        buffer_.append(shared_bytes(bytes));
        model_ += bytes;
    }
    void consume(std::size_t n) {
        buffer_.consume(n);
        model_.erase(0, n);
    }
    void clear() {
        buffer_.clear();
        model_.clear();
    }
    // What one write of so many pieces would take.
    std::size_t gathered(std::size_t pieces_max) {
        std::vector<std::string_view> pieces(pieces_max);
        const std::size_t used = buffer_.gather(pieces);
        std::size_t total = 0;
        for (std::size_t i = 0; i < used; ++i) total += pieces[i].size();
        return total;
    }

    std::mt19937 random_;
    output_buffer buffer_;
    std::string model_;
    std::uint32_t counter_ = 0;
};

TEST(output_buffer, random_operations_agree_with_a_plain_string) {
    for (std::uint32_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        modelled_buffer buffer(seed);
        for (int step = 0; step < 150; ++step) {
            buffer.step();
            buffer.check();
            if (testing::Test::HasFatalFailure()) return;
        }
    }
}

TEST(output_buffer, large_shared_bytes_are_a_piece_of_their_own_between_copied_ones) {
    const shared_bytes large(std::string(output_buffer::reference_threshold, 'x'));
    output_buffer out;
    out.append("before");
    out.append(large);
    out.append("after");
    std::array<std::string_view, 8> pieces;
    ASSERT_EQ(out.gather(pieces), 3U);
    EXPECT_EQ(pieces[0], "before");
    EXPECT_EQ(pieces[1].data(), large.view().data());
    EXPECT_EQ(pieces[2], "after");
}

TEST(output_buffer, a_short_write_continues_within_the_referenced_piece) {
    const shared_bytes large(std::string(output_buffer::reference_threshold, 'x'));
    output_buffer out;
    out.append("before");
    out.append(large);
    out.consume(6 + 100);
    std::array<std::string_view, 8> pieces;
    ASSERT_EQ(out.gather(pieces), 1U);
    EXPECT_EQ(pieces[0].data(), large.view().data() + 100);
    EXPECT_EQ(pieces[0].size(), large.size() - 100);
}

TEST(output_buffer, fewer_pieces_than_there_are_give_the_first_ones) {
    const shared_bytes large(std::string(output_buffer::reference_threshold, 'x'));
    output_buffer out;
    for (int i = 0; i < 3; ++i) {
        out.append("small");
        out.append(large);
    }
    std::array<std::string_view, 3> pieces;
    ASSERT_EQ(out.gather(pieces), 3U);
    EXPECT_EQ(pieces[2], "small");
}

TEST(output_buffer, one_that_is_never_quite_drained_does_not_keep_what_was_written) {
    const std::string bytes(1'000, 'x');
    output_buffer out;
    out.append("x");
    for (int i = 0; i < 10'000; ++i) {
        out.append(bytes);
        out.consume(bytes.size());
    }
    EXPECT_EQ(out.size(), 1U);
    EXPECT_LE(out.held_bytes(), 256U * 1024);
}

TEST(output_buffer, a_drained_burst_gives_its_memory_back) {
    output_buffer out;
    const std::string part(1'000'000, 'x');
    for (int i = 0; i < 10; ++i) out.append(part);
    out.consume(out.size());
    EXPECT_TRUE(out.empty());
    EXPECT_LE(out.held_bytes(), 64U * 1024);
}

TEST(output_buffer, moving_takes_everything_along) {
    const shared_bytes large(std::string(output_buffer::reference_threshold, 'x'));
    output_buffer out;
    out.append("before");
    out.append(large);
    output_buffer moved = std::move(out);
    EXPECT_TRUE(out.empty());  // NOLINT: a moved-from buffer is empty by contract
    EXPECT_EQ(moved.size(), 6 + large.size());
}

}  // namespace
}  // namespace sheaf::protocol
