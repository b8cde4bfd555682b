// Pieces of text files: whose line is whose, and what becomes of files that change.

#include <algorithm>
#include <fcntl.h>
#include <random>
#include <signal.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "unit/exchange/run_fixture.hpp"
#include <sheaf/detail/mapped_piece.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {
namespace {

using test::run_fixture;

std::vector<std::string> lines_of(const text_split& text) {
    std::vector<std::string> lines;
    for (const std::string_view line : text.lines()) lines.emplace_back(line);
    return lines;
}

// All lines of `content`, read piece by piece.
std::vector<std::string> lines_by_pieces(run_fixture& run, const std::string& content, std::uint64_t piece_bytes) {
    const std::string path = run.add_input(content);
    std::vector<std::string> lines;
    for (std::uint64_t at = 0; at < content.size(); at += piece_bytes) {
        const input_piece what{path, at, std::min<std::uint64_t>(piece_bytes, content.size() - at), content.size()};
        const mapped_piece piece(what);
        const text_split text = piece.split();
        EXPECT_EQ(text.text(), std::string_view(content).substr(text.offset(), text.text().size()));
        EXPECT_EQ(text.path(), path);
        for (std::string& line : lines_of(text)) lines.push_back(std::move(line));
        piece.check_unchanged();
    }
    return lines;
}

std::vector<std::string> lines_of_whole(const std::string& content) {
    std::vector<std::string> lines;
    std::size_t begin = 0;
    for (std::size_t end; begin < content.size(); begin = end + 1) {
        end = std::min(content.find('\n', begin), content.size());
        lines.push_back(content.substr(begin, end - begin));
    }
    return lines;
}

TEST(mapped_piece, every_line_belongs_to_exactly_one_piece_wherever_the_borders_are) {
    const std::string contents[] = {"",
                                    "\n",
                                    "\n\n\n",
                                    "a",
                                    "a\n",
                                    "one\ntwo\nthree\n",
                                    "one\ntwo\nthree",
                                    "\nstarts with an empty line\n\nends with two\n\n",
                                    "a line that is longer than most pieces of it\nb\n"};
    run_fixture run;
    for (const std::string& content : contents) {
        for (std::uint64_t piece_bytes = 1; piece_bytes <= content.size() + 1; ++piece_bytes) {
            ASSERT_EQ(lines_by_pieces(run, content, piece_bytes), lines_of_whole(content))
                << "pieces of " << piece_bytes << " bytes of: " << content;
        }
    }
}

TEST(mapped_piece, random_texts_of_many_pages_keep_their_lines) {
    const std::uint64_t seed = test::random_seed();
    SCOPED_TRACE("SHEAF_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    run_fixture run;
    for (int round = 0; round < 20; ++round) {
        const std::string content = test::random_text(random, 1 + random() % 40'000);
        const std::uint64_t piece_bytes = 1 + random() % 10'000;
        ASSERT_EQ(lines_by_pieces(run, content, piece_bytes), lines_of_whole(content)) << "round " << round;
    }
}

TEST(mapped_piece, a_file_of_another_size_than_planned_is_refused_by_name) {
    run_fixture run;
    const std::string path = run.add_input("one line\n");
    const input_piece what{path, 0, 20, 20};
    try {
        const mapped_piece piece(what);
        FAIL() << "it was accepted";
    } catch (const unit_refused& why) {
        EXPECT_NE(why.message.find(path), std::string::npos) << why.message;
        EXPECT_NE(why.message.find("20 bytes"), std::string::npos) << why.message;
    }
}

TEST(mapped_piece, what_is_no_readable_file_is_refused_by_name) {
    run_fixture run;
    const std::string fifo = run.run() / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    for (const std::string& path : {std::string(run.run() / "missing"), fifo, run.run().string()}) {
        const input_piece what{path, 0, 1, 1};
        EXPECT_THROW(mapped_piece{what}, unit_refused) << path;
    }
}

TEST(mapped_piece, a_file_that_shrinks_while_it_is_mapped_is_an_error_and_no_signal) {
    run_fixture run;
    const std::string content(64 * 4096, 'x');
    for (const std::uint64_t left : {std::uint64_t{0}, std::uint64_t{10 * 4096}, std::uint64_t{10 * 4096 + 100}}) {
        const std::string path = run.add_input(content);
        const input_piece what = run_fixture::whole(path);
        const mapped_piece piece(what);
        ASSERT_EQ(::truncate(path.c_str(), static_cast<off_t>(left)), 0);
        const std::string_view text = piece.split().text();
        const auto seen = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), 'x'));
        EXPECT_EQ(seen, left);
        EXPECT_THROW(piece.check_unchanged(), unit_refused);
    }
}

TEST(mapped_piece, a_file_that_was_torn_and_then_grew_again_is_still_refused) {
    run_fixture run;
    const std::string content(16 * 4096, 'x');
    const std::string path = run.add_input(content);
    const input_piece what = run_fixture::whole(path);
    const mapped_piece piece(what);
    ASSERT_EQ(::truncate(path.c_str(), 0), 0);
    EXPECT_EQ(piece.split().text()[5000], '\0');
    ASSERT_EQ(::truncate(path.c_str(), static_cast<off_t>(content.size())), 0);
    EXPECT_THROW(piece.check_unchanged(), unit_refused);
}

TEST(mapped_piece, a_file_that_is_rewritten_in_place_is_refused) {
    run_fixture run;
    const std::string path = run.add_input("abc\n");
    const input_piece what = run_fixture::whole(path);
    const timespec long_ago[2] = {{1'000'000, 0}, {1'000'000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), long_ago, 0), 0);
    const mapped_piece piece(what);
    test::write_file(path, "xyz\n");
    EXPECT_THROW(piece.check_unchanged(), unit_refused);
}

TEST(mapped_file_death_test, faults_elsewhere_still_end_the_process) {
    run_fixture run;
    const file guarded_one = file::open_read(run.add_input("x"));
    const mapped_file guarded(guarded_one, 0, 1);
    const file other = file::open_read(run.add_input(std::string(4096, 'x')));
    const auto* const page =
        static_cast<const volatile char*>(::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, other.descriptor(), 0));
    ASSERT_EQ(::truncate(other.path().c_str(), 0), 0);
    EXPECT_DEATH((void)*page, "");
    EXPECT_DEATH(::raise(SIGBUS), "");
}

}  // namespace
}  // namespace sheaf::detail
