// Pieces of files: what becomes of files that change, or are none.

#include <algorithm>
#include <fcntl.h>
#include <signal.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "input/input_walk.hpp"
#include "input/piece_reader.hpp"
#include "unit/input/input_files.hpp"
#include <sheaf/detail/mapped_file.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {
namespace {

using test::input_files;

const input_format lines{};

std::string all_of(piece_reader& piece) {
    std::string all;
    for (record_chunk chunk; piece.next(chunk);) all += chunk.bytes;
    return all;
}

input_piece whole(const std::string& path) {
    const std::uint64_t size = std::filesystem::file_size(path);
    return {.path = path, .length = size, .file_size = size};
}

struct pieces_of_files : testing::Test {
    input_files files;
};

TEST_F(pieces_of_files, a_file_of_another_size_than_planned_is_refused_by_name) {
    const std::string path = files.add("one line\n");
    try {
        const auto piece = open_piece({.path = path, .length = 20, .file_size = 20}, lines, {});
        FAIL() << "it was accepted";
    } catch (const unit_refused& why) {
        EXPECT_NE(why.message.find(path), std::string::npos) << why.message;
        EXPECT_NE(why.message.find("20 bytes"), std::string::npos) << why.message;
    }
}

TEST_F(pieces_of_files, a_file_that_was_rewritten_since_it_was_planned_is_refused_by_name) {
    for (const char* suffix : {"", ".gz"}) {
        const std::string path = files.add("abc\n", suffix);
        const timespec long_ago[2] = {{1'000'000, 0}, {1'000'000, 0}};
        ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), long_ago, 0), 0);
        input_piece what = whole(path);
        what.tag = walk_inputs({path})->files.at(0).tag;
        (void)open_piece(what, lines, {});
        test::write_file(path, "xyz\n");
        try {
            (void)open_piece(what, lines, {});
            FAIL() << "it was accepted";
        } catch (const unit_refused& why) {
            EXPECT_NE(why.message.find(path + "' has changed while the run was reading it"), std::string::npos)
                << why.message;
        }
    }
}

TEST_F(pieces_of_files, what_an_address_has_must_be_what_was_planned) {
    const auto open = [](const std::string&) { return std::make_unique<test::memory_reader>("abc\n", "\"new\""); };
    const auto planned = walk_inputs({"http://test/input"}, open);
    ASSERT_TRUE(planned);
    EXPECT_EQ(planned->files.at(0).tag, "\"new\"");
    input_piece what{.path = "http://test/input", .length = 4, .file_size = 4};
    for (const bool at_driver : {false, true}) {
        what.at_driver = at_driver;
        what.tag = "\"new\"";
        EXPECT_EQ(all_of(*open_piece(what, lines, open)), "abc\n");
        what.tag = "\"old\"";
        EXPECT_THROW((void)open_piece(what, lines, open), unit_refused);
    }
}

TEST_F(pieces_of_files, what_is_no_readable_file_is_refused_by_name) {
    const std::string fifo = files.path() / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    for (const std::string& path : {(files.path() / "missing").string(), fifo, files.path().string()}) {
        EXPECT_THROW((void)open_piece({.path = path, .length = 1, .file_size = 1}, lines, {}), unit_refused) << path;
    }
}

TEST_F(pieces_of_files, a_large_piece_comes_in_stretches_of_whole_lines_so_that_progress_can_be_seen) {
    std::string content;
    while (content.size() < 24U << 20) content.append(1000 + content.size() % 97, 'x') += '\n';
    const auto piece = open_piece(whole(files.add(content)), lines, {});
    std::string all;
    std::size_t stretches = 0;
    for (record_chunk chunk; piece->next(chunk); ++stretches) {
        EXPECT_EQ(chunk.offset, all.size());
        EXPECT_TRUE(chunk.bytes.ends_with('\n'));
        all += chunk.bytes;
        EXPECT_EQ(piece->position(), all.size());
    }
    EXPECT_TRUE(all == content);
    EXPECT_GE(stretches, 2U);
}

TEST_F(pieces_of_files, a_line_that_is_longer_than_a_stretch_comes_whole) {
    const std::string content = std::string(20U << 20, 'x') + '\n' + std::string(20U << 20, 'y');
    const auto piece = open_piece(whole(files.add(content)), lines, {});
    std::string all;
    for (record_chunk chunk; piece->next(chunk);) {
        EXPECT_TRUE(chunk.bytes.ends_with('\n') || chunk.bytes.ends_with('y'));
        EXPECT_TRUE(chunk.bytes.find_first_not_of('x') == chunk.bytes.find('\n') || chunk.bytes.starts_with('y'));
        all += chunk.bytes;
    }
    EXPECT_TRUE(all == content);
}

TEST_F(pieces_of_files, a_file_that_shrinks_while_it_is_mapped_is_an_error_and_no_signal) {
    const std::string content(64 * 4096, 'x');
    for (const std::uint64_t left : {std::uint64_t{0}, std::uint64_t{10 * 4096}, std::uint64_t{10 * 4096 + 100}}) {
        const std::string path = files.add(content);
        const input_piece what = whole(path);
        const auto piece = open_piece(what, lines, {});
        ASSERT_EQ(::truncate(path.c_str(), static_cast<off_t>(left)), 0);
        const std::string text = all_of(*piece);
        const auto seen = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), 'x'));
        EXPECT_EQ(seen, left);
        EXPECT_THROW(piece->check_unchanged(), unit_refused);
    }
}

TEST_F(pieces_of_files, a_file_that_was_torn_and_then_grew_again_is_still_refused) {
    const std::string content(16 * 4096, 'x');
    const std::string path = files.add(content);
    const input_piece what = whole(path);
    const auto piece = open_piece(what, lines, {});
    ASSERT_EQ(::truncate(path.c_str(), 0), 0);
    EXPECT_EQ(all_of(*piece)[5000], '\0');
    ASSERT_EQ(::truncate(path.c_str(), static_cast<off_t>(content.size())), 0);
    EXPECT_THROW(piece->check_unchanged(), unit_refused);
}

TEST_F(pieces_of_files, a_file_that_is_rewritten_in_place_is_refused) {
    const std::string path = files.add("abc\n");
    const input_piece what = whole(path);
    const timespec long_ago[2] = {{1'000'000, 0}, {1'000'000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), long_ago, 0), 0);
    const auto piece = open_piece(what, lines, {});
    test::write_file(path, "xyz\n");
    EXPECT_THROW(piece->check_unchanged(), unit_refused);
}

TEST(mapped_file_death_test, faults_elsewhere_still_end_the_process) {
    input_files files;
    const file guarded_one = file::open_read(files.add("x"));
    const mapped_file guarded(guarded_one, 0, 1);
    const file other = file::open_read(files.add(std::string(4096, 'x')));
    const auto* const page =
        static_cast<const volatile char*>(::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, other.descriptor(), 0));
    ASSERT_EQ(::truncate(other.path().c_str(), 0), 0);
    EXPECT_DEATH((void)*page, "");
    EXPECT_DEATH(::raise(SIGBUS), "");
}

}  // namespace
}  // namespace sheaf::detail
