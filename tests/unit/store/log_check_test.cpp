// What SQLite's log holds when its writer was killed, and when somebody damaged it.
#include "store/log_check.hpp"

#include <filesystem>
#include <fstream>
#include <sqlite3.h>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/check_job_file.hpp"
#include "unit/store/store_fixture.hpp"

namespace sheaf::store::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::size_t header_bytes = 32;
constexpr std::size_t frame_bytes = 24 + 4096;

log_account check(const std::string& log) {
    std::istringstream in(log);
    return check_log(in);
}

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

/// A queue as a server that is killed leaves it.
class logs : public testing::Test {
  protected:
    logs() {
        sqlite_store store({.directory = place.path()}, told.collector());
        store.recover_each([](job_row&&) {});
        for (job_number id = 1; id <= 5; ++id) {
            store.persist({.id = id, .function = "f", .payload = shared_bytes(std::string(2000, 'x'))});
            store.commit();
            EXPECT_TRUE(told.of(id)->has_value());
        }
        for (const char* const name : {job_file_name, "jobs.sqlite-wal"}) {
            std::filesystem::create_directories(killed);
            std::filesystem::copy_file(place / name, killed / name);
        }
        log = bytes_of(wal);
        log.resize(header_bytes + (log.find_last_not_of('\0') - header_bytes + frame_bytes) / frame_bytes *
                                      frame_bytes);  // room behind it
    }
    [[nodiscard]] job_file_account account() const { return check_job_file(killed / job_file_name); }
    [[nodiscard]] std::size_t frames() const { return (log.size() - header_bytes) / frame_bytes; }

    sheaf::test::scratch_directory place;
    answers told;
    const std::filesystem::path killed = place / "killed";
    const std::filesystem::path wal = killed / "jobs.sqlite-wal";
    std::string log;
};

TEST_F(logs, of_a_killed_server_are_whole_and_are_read_without_a_change) {
    const log_account found = check(log);
    EXPECT_GE(found.commits, 5U);
    EXPECT_EQ(found.bytes_after, 0U);
    EXPECT_FALSE(found.is_damaged);
    const std::string file = bytes_of(killed / job_file_name);
    const std::string whole = bytes_of(wal);
    const job_file_account all = account();
    EXPECT_EQ(all.jobs, 5U);
    EXPECT_THAT(all.faults, IsEmpty());
    EXPECT_THAT(all.losses, IsEmpty());
    EXPECT_TRUE(bytes_of(wal) == whole);
    EXPECT_TRUE(bytes_of(killed / job_file_name) == file);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(killed), {}), 2);
}

TEST_F(logs, that_end_in_the_midst_of_a_commit_have_lost_nothing) {
    std::string torn = log;
    torn[torn.size() - 100] ^= 1;  // the last frame, which ends the last commit
    EXPECT_FALSE(check(torn).is_damaged);
    EXPECT_EQ(check(torn).commits, check(log).commits - 1);
    EXPECT_GE(check(torn).bytes_after, frame_bytes);
    const log_account cut = check(log.substr(0, log.size() - 100));
    EXPECT_FALSE(cut.is_damaged);
    EXPECT_EQ(cut.commits, check(log).commits - 1);
}

TEST_F(logs, with_commits_behind_what_is_broken_are_damaged_wherever_it_is) {
    for (const std::size_t at : {header_bytes + 2, header_bytes + 9, header_bytes + 20, header_bytes + 500}) {
        std::string broken = log;
        broken[at] ^= 1;
        const log_account found = check(broken);
        EXPECT_TRUE(found.is_damaged) << at;
        EXPECT_EQ(found.commits, 0U) << at;
        EXPECT_EQ(found.bytes_after, frames() * frame_bytes) << at;
    }
    for (const std::size_t at : {std::size_t{0}, std::size_t{9}, std::size_t{17}, std::size_t{25}}) {
        std::string headless = log;
        headless[at] ^= 1;
        EXPECT_TRUE(check(headless).is_damaged) << at;
    }
}

TEST_F(logs, whose_last_commit_but_one_is_broken_are_damaged_although_the_last_is_torn) {
    const auto ends_commit = [&](std::size_t frame) {
        return log.substr(header_bytes + frame * frame_bytes + 4, 4) != std::string(4, '\0');
    };
    std::size_t end = frames() - 2;  // of a commit that is followed by one of several frames
    while (end != 0 && !(ends_commit(end) && !ends_commit(end + 1))) --end;
    ASSERT_NE(end, 0U);
    std::string broken = log.substr(0, header_bytes + (end + 2) * frame_bytes);
    EXPECT_FALSE(check(broken).is_damaged);
    for (const std::size_t at : {std::size_t{9}, std::size_t{500}}) {
        std::string one = broken;
        one[header_bytes + end * frame_bytes + at] ^= 1;
        EXPECT_TRUE(check(one).is_damaged) << at;
        EXPECT_EQ(check(one).bytes + check(one).bytes_after, broken.size()) << at;
    }
}

TEST_F(logs, may_hold_what_is_left_of_earlier_ones) {
    std::string reused = log;
    for (std::size_t frame = frames() / 2; frame < frames(); ++frame)
        reused[header_bytes + frame * frame_bytes + 8] ^= 1;
    EXPECT_FALSE(check(reused).is_damaged);
    EXPECT_GT(check(reused).commits, 0U);
    EXPECT_FALSE(check("").is_damaged);
    EXPECT_FALSE(check(std::string(20, 'x')).is_damaged);
    EXPECT_TRUE(check(std::string(10'000, 'x')).is_damaged);
    EXPECT_FALSE(check(std::string(10'000, '\0')).is_damaged) << "room that was made for one";
    EXPECT_FALSE(check(log + std::string(100'000, '\0')).is_damaged);
    EXPECT_EQ(check(log + std::string(100'000, '\0')).bytes_after, 0U);
}

// A batch of many frames whose last could not be written, nor that of the next, shorter one: then a commit of one frame.
TEST_F(logs, may_hold_what_is_left_of_batches_that_could_not_be_written) {
    const auto bytes_of_frame = [&](std::size_t frame) { return header_bytes + frame * frame_bytes; };
    ASSERT_GE(frames(), 5U);
    std::string left = log;
    const std::size_t torn = frames() - 3;
    for (std::size_t frame = torn + 1; frame < frames(); ++frame) {
        left.replace(bytes_of_frame(frame) + 4, 4, 4, '\0');  // part of a batch that has no end
    }
    left.replace(bytes_of_frame(torn) + 16, 8, "otherone");  // an end that was written over what they follow
    left.replace(bytes_of_frame(torn) + 4, 4, std::string("\0\0\0\1", 4));
    EXPECT_FALSE(check(left).is_damaged);
    EXPECT_GT(check(left).commits, 0U);
}

TEST_F(logs, that_are_damaged_are_said_to_be) {
    std::string broken = log;
    broken[header_bytes + frame_bytes * (frames() / 2) + 500] ^= 1;
    write(wal, broken);
    const job_file_account found = account();
    EXPECT_THAT(found.faults, IsEmpty());
    EXPECT_THAT(found.losses, ElementsAre(HasSubstr("bytes after its last whole commit cannot be used")));
    EXPECT_LT(found.jobs, 5U);
}

}  // namespace
}  // namespace sheaf::store::test
