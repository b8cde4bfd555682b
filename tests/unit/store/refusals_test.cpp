// Files that are refused: each with what to do, and each left as it was, with its log.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/check_job_file.hpp"
#include "unit/store/store_fixture.hpp"

namespace sheaf::store::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace fs = std::filesystem;

constexpr std::size_t page_bytes = 4096;

void write(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// Names and bytes of what is in `directory`.
std::map<std::string, std::string> all_in(const fs::path& directory) {
    std::map<std::string, std::string> files;
    for (const auto& one : fs::directory_iterator(directory)) {
        files.emplace(one.path().filename(), sheaf::test::read_file(one.path()));
    }
    return files;
}

std::string refusal_of(const std::function<void()>& open) {
    try {
        open();
    } catch (const runtime_failure& why) {
        return why.what();
    }
    return "it was opened";
}

class refused_files : public testing::Test {
  protected:
    refused_files() { fs::create_directories(killed); }

    /// Leaves in `killed` what a server leaves that is killed: jobs in the file and, after them, `late` more in its log.
    void kill_a_server(job_number late = 5) {
        sqlite_store store({.directory = place / "alive"}, told.collector());
        (void)store.recover();
        for (job_number id = 1; id <= 100; ++id) persist(store, row(id, std::string(1000, 'x')));
        store.commit();
        EXPECT_TRUE(told.of(100).value());
        for (job_number id = 101; id <= 100 + late; ++id) persist(store, row(id));
        store.commit();
        EXPECT_TRUE(told.of(100 + late).value());
        copy_files(place / "alive");
    }
    void copy_files(const fs::path& from) const {
        for (const auto& one : fs::directory_iterator(from)) {
            fs::copy_file(one.path(), killed / one.path().filename(), fs::copy_options::overwrite_existing);
        }
    }
    [[nodiscard]] std::string start(bool relaxed = false) {
        return refusal_of([&] { sqlite_store({.directory = killed, .relaxed = relaxed}, told.collector()); });
    }
    [[nodiscard]] std::string check() const {
        return refusal_of([&] { (void)check_job_file(file); });
    }
    [[nodiscard]] std::size_t jobs() {
        sqlite_store store({.directory = killed}, told.collector());
        return store.recover().size();
    }
    /// Nothing in the directory is another than it was.
    template <class M>
    void expect_refusal(const M& saying) {
        const auto before = all_in(killed);
        EXPECT_THAT(start(), saying);
        EXPECT_TRUE(all_in(killed) == before) << "a start changes nothing that it refuses";
        (void)check();
        EXPECT_TRUE(all_in(killed) == before) << "nor does a check";
    }

    sheaf::test::scratch_directory place;
    answers told;
    const fs::path killed = place / "killed";
    const fs::path file = killed / job_file_name;
    const fs::path log = killed / "jobs.sqlite-wal";
};

/// A power loss in the midst of the last commit, which nobody has heard of: of what it wrote over `before`, the first page is missing.
void lose_power(const fs::path& log, const std::string& before) {
    constexpr std::size_t header_bytes = 32;
    constexpr std::size_t frame_bytes = 24 + page_bytes;
    std::string after = sheaf::test::read_file(log);
    const std::size_t differs =
        std::ranges::mismatch(before.begin() + header_bytes, before.end(), after.begin() + header_bytes, after.end())
            .in1 -
        before.begin();
    const std::size_t frame = header_bytes + (differs - header_bytes) / frame_bytes * frame_bytes;
    write(log, after.replace(frame + 24, page_bytes, page_bytes, '\0'));
}

TEST(sound_files, are_opened_after_one_power_loss_upon_the_other) {
    const sheaf::test::scratch_directory place;
    fs::path directory = place / "0";
    for (job_number life = 1; life <= 3; ++life) {
        answers told;
        std::string before;
        const fs::path next = place / std::to_string(life);
        const std::string file = life == 1 ? std::string() : sheaf::test::read_file(directory / job_file_name);
        {
            sqlite_store store({.directory = directory}, told.collector());
            ASSERT_EQ(store.recover().size(), life - 1);
            if (life != 1) {
                EXPECT_TRUE(sheaf::test::read_file(directory / job_file_name) == file)
                    << "what a loss has left goes without any space for what the log has";
            }
            persist(store, row(life));
            store.commit();
            ASSERT_TRUE(told.of(life).value());
            before = sheaf::test::read_file(directory / "jobs.sqlite-wal");
            const job_number late = 1000 * life;
            const job_number jobs = 100 / life;  // so that the end of one loss is behind the next
            for (job_number id = late; id < late + jobs; ++id) persist(store, row(id, std::string(3000, 'x')));
            store.commit();
            ASSERT_TRUE(told.of(late).value());
            fs::copy(directory, next);
        }
        lose_power(next / "jobs.sqlite-wal", before);
        directory = next;
    }
}

TEST(sound_files, have_whatever_jobs_were_taken) {
    const sheaf::test::scratch_directory place;
    answers told;
    {
        sqlite_store store({.directory = place.path()}, told.collector());
        (void)store.recover();
        job_row nameless = row(1);
        nameless.function.clear();
        persist(store, nameless);
        store.commit();
        ASSERT_TRUE(told.of(1).value());
    }
    sqlite_store store({.directory = place.path()}, told.collector());
    EXPECT_EQ(store.recover().size(), 1U);
}

TEST(sound_files, may_be_behind_a_link_with_their_logs) {
    const sheaf::test::scratch_directory place;
    fs::create_directories(place / "real");
    fs::create_directories(place / "linked");
    fs::create_symlink(place / "real" / job_file_name, place / "linked" / job_file_name);
    answers told;
    sqlite_store store({.directory = place / "linked"}, told.collector());
    (void)store.recover();
    persist(store, row(1));
    store.commit();
    ASSERT_TRUE(told.of(1).value());
    fs::create_directories(place / "killed");
    fs::copy(place / "real", place / "killed");
    fs::create_directories(place / "again");
    fs::create_symlink(place / "killed" / job_file_name, place / "again" / job_file_name);
    EXPECT_EQ(check_job_file(place / "again" / job_file_name).jobs, 1U);
    sqlite_store next({.directory = place / "again"}, told.collector());
    EXPECT_EQ(next.recover().size(), 1U);
}

TEST_F(refused_files, that_are_damaged_keep_the_log_with_the_jobs_that_only_it_has) {
    kill_a_server();
    { sqlite_store(sqlite_options{.directory = killed}, told.collector()); }
    const std::string closed = sheaf::test::read_file(file);
    fs::remove_all(place / "alive");
    fs::create_directories(place / "alive");
    fs::copy_file(file, place / "alive" / job_file_name);
    {
        sqlite_store store({.directory = place / "alive"}, told.collector());
        (void)store.recover();
        persist(store, row(200));
        store.commit();
        EXPECT_TRUE(told.of(200).value());
        copy_files(place / "alive");
    }
    const std::string right = sheaf::test::read_file(file);
    std::string damaged = right;
    damaged.replace(8 * page_bytes, 8000, std::string(8000, '\xff'));
    write(file, damaged);
    expect_refusal(AllOf(HasSubstr("it is damaged"), HasSubstr("directory of its own"), HasSubstr("jobs.sqlite-wal"),
                         Not(HasSubstr("\n"))));
    for (const std::string& fault : check_job_file(file).faults) EXPECT_THAT(fault, Not(HasSubstr("\n")));
    write(file, right);
    EXPECT_EQ(jobs(), 106U) << "nothing that was acknowledged is lost";
}

TEST_F(refused_files, that_another_program_has_changed_are_left_to_it) {
    kill_a_server();
    const auto before = all_in(killed);
    for (const auto& [change, saying] : std::map<const char*, const char*>{
             {"UPDATE job SET priority = 7 WHERE id > 102", "3 jobs of a priority that there is not"},
             {"DELETE FROM server", "it is not known whose file it is"},
             {"ALTER TABLE letter DROP COLUMN worker", "no such column: worker"},
             {"DROP TABLE tally", "no such table: tally"}}) {
        {
            sqlite_file other(file.string());
            other.keep_log(true);
            other.run((std::string("PRAGMA locking_mode = EXCLUSIVE;") + change).c_str());
        }
        expect_refusal(AllOf(HasSubstr("it is damaged"), HasSubstr(saying)));
        for (const auto& [name, bytes] : before) write(killed / name, bytes);
    }
    EXPECT_EQ(jobs(), 105U);
}

TEST_F(refused_files, of_other_programs_keep_their_logs) {
    fs::create_directories(place / "alive");
    sqlite_file other((place / "alive" / job_file_name).string());
    other.run("PRAGMA journal_mode = WAL; CREATE TABLE song (name TEXT); INSERT INTO song VALUES ('one')");
    copy_files(place / "alive");
    fs::remove(killed / "jobs.sqlite-shm");
    expect_refusal(HasSubstr("a database of another program"));
}

TEST_F(refused_files, of_other_programs_without_a_log_get_none) {
    {
        sqlite_file other(file.string());
        other.run("PRAGMA journal_mode = WAL; CREATE TABLE song (name TEXT)");
    }
    ASSERT_FALSE(fs::exists(log));
    expect_refusal(HasSubstr("a database of another program"));
}

TEST_F(refused_files, of_other_programs_keep_what_these_have_half_done) {
    fs::create_directories(place / "alive");
    sqlite_file other((place / "alive" / job_file_name).string());
    other.run("CREATE TABLE song (name BLOB); INSERT INTO song VALUES (zeroblob(100000)); PRAGMA cache_size = 2");
    other.run("BEGIN; UPDATE song SET name = randomblob(100000); INSERT INTO song VALUES (zeroblob(100000))");
    copy_files(place / "alive");
    ASSERT_GT(fs::file_size(killed / "jobs.sqlite-journal"), 0U);
    expect_refusal(HasSubstr("a database of another program"));
}

TEST_F(refused_files, of_a_newer_version_keep_their_logs) {
    kill_a_server();
    {
        sqlite_file newer(file.string());
        newer.keep_log(true);
        newer.run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA user_version = 9");
    }
    expect_refusal(HasSubstr("written by a newer sheafd (format 9, this one knows 4)"));
}

TEST_F(refused_files, that_are_gone_or_empty_beside_a_log_are_asked_for) {
    kill_a_server();
    const std::string right = sheaf::test::read_file(file);
    write(file, "");
    expect_refusal(AllOf(HasSubstr("it is empty"), HasSubstr("jobs.sqlite-wal"), HasSubstr("move the log away, too")));
    EXPECT_THAT(check(), HasSubstr("Put the file that belongs to this log in its place again"));
    fs::remove(file);
    expect_refusal(HasSubstr("it is not there"));
    EXPECT_THAT(check(), HasSubstr("Put the file that belongs to this log in its place again"));
    write(file, right);
    EXPECT_EQ(jobs(), 105U);
}

TEST_F(refused_files, of_killed_servers_without_their_logs_are_told_from_those_that_need_none) {
    kill_a_server();
    const std::string right = sheaf::test::read_file(log);
    fs::remove(log);
    expect_refusal(
        AllOf(HasSubstr("which is not there. Put the log beside it again"), HasSubstr("an empty file of that name")));
    EXPECT_THAT(check(), HasSubstr("Put the log beside it again"));
    write(log, right);
    EXPECT_EQ(jobs(), 105U);
    EXPECT_FALSE(fs::exists(log)) << "it was closed";
    EXPECT_EQ(jobs(), 105U);
}

TEST_F(refused_files, whose_logs_are_lost_for_good_are_started_with_an_empty_one) {
    kill_a_server();
    write(log, "");
    EXPECT_EQ(check(), "it was opened");
    EXPECT_LT(jobs(), 105U);
    EXPECT_FALSE(fs::exists(log));
}

TEST_F(refused_files, whose_logs_are_damaged_are_opened_by_those_who_accept_losses_and_the_log_is_kept) {
    kill_a_server(50);
    std::string damaged = sheaf::test::read_file(log);
    damaged[32 + 24 + page_bytes + 500] ^= 1;
    write(log, damaged);
    expect_refusal(AllOf(HasSubstr("bytes after its last whole commit cannot be used"),
                         HasSubstr("start the server once with --durability relaxed")));
    EXPECT_EQ(start(true), "it was opened");
    EXPECT_TRUE(sheaf::test::read_file(killed / "jobs.sqlite-wal.damaged") == damaged);
    EXPECT_FALSE(fs::exists(log));
    EXPECT_EQ(start(), "it was opened");
}

TEST_F(refused_files, are_known_by_the_file_alone_from_the_first_moment_of_a_life) {
    for (const char* const life : {"first", "second", "third, after one that was killed"}) {
        SCOPED_TRACE(life);
        {
            const sqlite_store store({.directory = place / "alive"}, told.collector());
            copy_files(place / "alive");
        }
        if (std::string_view(life) == "second") {
            fs::remove_all(place / "alive");
            fs::create_directories(place / "alive");
            for (const auto& [name, bytes] : all_in(killed)) write(place / "alive" / name, bytes);
        }
        fs::remove(log);
        expect_refusal(HasSubstr("Put the log beside it again"));
    }
}

}  // namespace
}  // namespace sheaf::store::test
