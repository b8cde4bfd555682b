// What only files do: they are refused, run full, and are somebody else's.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sqlite3.h>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/check_job_file.hpp"
#include "unit/store/store_fixture.hpp"

namespace sheaf::store::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

class sqlite_files : public testing::Test {
  protected:
    std::unique_ptr<sqlite_store> open() {
        return std::make_unique<sqlite_store>(sqlite_options{.directory = place.path()}, told.collector());
    }
    [[nodiscard]] std::string refusal() {
        try {
            (void)open();
        } catch (const runtime_failure& why) {
            return why.what();
        }
        return "it was opened";
    }
    [[nodiscard]] std::string file() const { return (place.path() / job_file_name).string(); }
    /// As any program may that knows SQLite.
    void alter(const char* sql) { sqlite_file(file()).run(sql); }

    sheaf::test::scratch_directory place;
    answers told;
};

TEST_F(sqlite_files, are_open_once) {
    const auto first = open();
    EXPECT_THAT(refusal(), AllOf(HasSubstr(file()), HasSubstr("another server has it open")));
}

TEST_F(sqlite_files, are_for_their_owner_alone) {
    (void)open();
    struct stat about {};
    ASSERT_EQ(::stat(file().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST_F(sqlite_files, are_changed_without_reading_whole_tables) {
    job_file jobs = open_job_file(place.path(), false);
    const sqlite_tables tables(jobs.file, {});
    std::vector<std::string> statements;
    for (sqlite3_stmt* one = sqlite3_next_stmt(jobs.file.handle(), nullptr); one != nullptr;
         one = sqlite3_next_stmt(jobs.file.handle(), one)) {
        statements.emplace_back(sqlite3_sql(one));
    }
    EXPECT_GT(statements.size(), 20U) << "those of jobs, of their ends, and of runs";
    for (const std::string& one : statements) {
        sqlite_statement plan = jobs.file.prepare(("EXPLAIN QUERY PLAN " + one).c_str());
        while (plan.step()) {
            const std::string step(plan.bytes(3));
            EXPECT_THAT(step, Not(HasSubstr("TEMP B-TREE"))) << one;
            EXPECT_THAT(step, AnyOf(Not(HasSubstr("SCAN")), HasSubstr("USING COVERING INDEX"))) << one;
        }
    }
}

TEST_F(sqlite_files, count_a_letter_that_comes_twice_once) {
    const auto all = open();
    (void)all->recover();
    all->bury({.job = row(1), .reason = "first"});
    all->bury({.job = row(1), .reason = "again"});
    EXPECT_EQ(std::get<totals>(told.ask(*all, count_rows{})).letters, 1U);
}

TEST_F(sqlite_files, have_a_log_that_small_commits_do_not_lengthen) {
    const auto log = std::filesystem::path(file() + "-wal");
    const auto all = open();
    (void)all->recover();
    const auto length = std::filesystem::file_size(log);
    EXPECT_GE(length, std::uintmax_t{1} << 20);
    constexpr job_number jobs = 60;  // more than twice as much as the log has room for
    for (job_number id = 1; id <= jobs; ++id) {
        persist(*all, row(id, std::string(40'000, 'x')));
        all->commit();
        ASSERT_TRUE(told.of(id).value_or(error{}));
    }
    EXPECT_EQ(std::filesystem::file_size(log), length);
}

TEST_F(sqlite_files, of_a_newer_version_are_left_alone) {
    (void)open();
    alter("PRAGMA user_version = 9");
    EXPECT_THAT(refusal(), HasSubstr("written by a newer sheafd (format 9, this one knows 4)"));
}

TEST_F(sqlite_files, of_the_first_version_are_brought_up_to_date_with_their_jobs) {
    alter(R"(
        PRAGMA application_id = 1399349606; PRAGMA user_version = 1;
        CREATE TABLE job (id INTEGER PRIMARY KEY, function BLOB NOT NULL, unique_key BLOB NOT NULL, reducer BLOB NOT NULL,
                          priority INTEGER NOT NULL, run_at INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
        CREATE TABLE server (life INTEGER NOT NULL, made_at INTEGER NOT NULL, token INTEGER NOT NULL) STRICT;
        INSERT INTO server VALUES (3, 1700000000, 7);
        INSERT INTO job VALUES (42, x'66', x'', x'', 1, 0, x'6461746100');)");
    const auto all = open();
    EXPECT_EQ(all->who().life, 4U);
    const auto back = all->recover();
    ASSERT_EQ(back.size(), 1U);
    EXPECT_EQ(back[0].id, 42U);
    EXPECT_EQ(back[0].attempts, 0U);
    EXPECT_EQ(back[0].payload.view(), std::string_view("data\0", 5));
    all->bury({.job = back[0]});
    EXPECT_EQ(std::get<letter_list>(told.ask(*all, list_letters{})).total, 1U);
}

TEST_F(sqlite_files, of_the_third_version_are_brought_up_to_date_with_their_runs) {
    (void)open();
    alter(
        "ALTER TABLE run DROP COLUMN why; PRAGMA user_version = 3;"
        "INSERT INTO run VALUES (5, x'72', x'66', 0, 60, 4, 0, x'', x'')");
    const auto kept = open()->recover_runs();
    ASSERT_EQ(kept.runs.size(), 1U);
    EXPECT_EQ(kept.runs[0].name, "r");
    EXPECT_EQ(kept.runs[0].why, "");
}

TEST_F(sqlite_files, whose_first_start_was_cut_off_begin_anew) {
    alter("PRAGMA journal_mode = WAL");
    ASSERT_EQ(std::filesystem::file_size(file()), 4096U) << "no tables, and the log went with its connection";
    EXPECT_EQ(open()->who().life, 1U);
}

TEST_F(sqlite_files, answer_whether_all_is_written_with_the_batch) {
    const auto all = open();
    (void)all->recover();
    for (job_number id = 1; id <= 50; ++id) {
        persist(*all, row(id));
        all->ask(1000 + id, is_written{});
    }
    all->commit();
    for (ticket name = 1001; name <= 1050; ++name) {
        EXPECT_TRUE(std::holds_alternative<std::monostate>(told.reply_to(name)));
    }
    EXPECT_TRUE(told.of(50).value());
}

TEST_F(sqlite_files, of_other_programs_are_left_alone) {
    alter("CREATE TABLE song (name TEXT)");
    EXPECT_THAT(refusal(), HasSubstr("a database of another program"));
    std::ofstream(file(), std::ios::trunc)
        << "this is no database, whatever its name says; it is a text of a hundred bytes or more, "
           "so that SQLite looks at it";
    EXPECT_THAT(refusal(), HasSubstr("it is no queue of sheafd"));
}

TEST_F(sqlite_files, that_are_damaged_are_refused) {
    {
        const auto all = open();
        (void)all->recover();
        for (job_number id = 1; id <= 500; ++id) persist(*all, row(id, std::string(500, 'x')));
        all->commit();
        EXPECT_TRUE(told.of(500).value());
    }
    std::fstream damaged(file(), std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 4; page < 40; ++page) {
        damaged.seekp(page * 4096);
        damaged << std::string(64, '\xee');
    }
    damaged.close();
    EXPECT_THAT(refusal(), HasSubstr("it is damaged"));
}

// SHEAF_SEED chooses where.
TEST_F(sqlite_files, that_are_damaged_anywhere_are_refused_or_read_and_nothing_else) {
    {
        const auto all = open();
        (void)all->recover();
        for (job_number id = 1; id <= 40; ++id) persist(*all, row(id, std::string(300, 'x')));
        for (job_number id = 1; id <= 10; ++id) {
            all->complete({.id = id,
                           .function = "resize",
                           .unique = "key",
                           .expires = wall_time::max(),
                           .bytes = 4,
                           .data = shared_bytes(std::string_view("done"))});
        }
        for (job_number id = 11; id <= 20; ++id) all->bury({.job = row(id), .reason = "it failed"});
        all->commit();
    }
    const std::string whole = sheaf::test::read_file(file());
    const char* const given = std::getenv("SHEAF_SEED");
    std::mt19937_64 random(given == nullptr ? 1 : std::strtoull(given, nullptr, 10));
    for (int round = 0; round < 100; ++round) {
        std::string damaged = whole;
        for (std::uint64_t i = 0, flips = 1 + random() % 8; i < flips; ++i) {
            damaged[random() % damaged.size()] = static_cast<char>(random());
        }
        if (random() % 8 == 0) damaged.resize(random() % damaged.size());
        std::ofstream(file(), std::ios::binary | std::ios::trunc) << damaged;
        try {
            const auto all = open();
            for (const job_row& one : all->recover()) EXPECT_LE(one.priority, 2) << "round " << round;
            (void)told.ask(*all, find_ended{.id = 1 + random() % 20});
            (void)told.ask(*all, find_ended{.unique = "key"});
            (void)told.ask(*all, list_letters{});
            (void)told.ask(*all, revive{});
        } catch (const runtime_failure& why) {
            EXPECT_THAT(why.what(), HasSubstr(file())) << "round " << round;
        }
        std::filesystem::remove(file() + "-wal");
    }
}

TEST_F(sqlite_files, are_copied_while_they_are_used) {
    constexpr job_number many = 3000;
    backed_up copy;
    identity original;
    {
        const auto all = open();
        (void)all->recover();
        for (job_number id = 1; id <= many; ++id) persist(*all, row(id, std::string(1000, 'x')));
        const ticket asked = told.begin_ask(*all, backup{"first"});
        for (job_number id = 1; id <= many; id += 2) all->forget(id);  // between two pieces of the copy
        persist(*all, row(many + 1));
        all->commit();
        const reply said = told.reply_to(asked);
        ASSERT_TRUE(std::holds_alternative<backed_up>(said)) << std::get<error>(said).message;
        copy = std::get<backed_up>(said);
        original = all->who();
        EXPECT_TRUE(std::holds_alternative<error>(told.ask(*all, backup{"first"}))) << "no copy replaces another";
    }
    EXPECT_EQ(copy.bytes, std::filesystem::file_size(copy.path));
    EXPECT_TRUE(check_job_file(copy.path).faults.empty());
    const sheaf::test::scratch_directory elsewhere;
    std::filesystem::copy_file(copy.path, elsewhere / job_file_name);
    sqlite_store restored({.directory = elsewhere.path()}, told.collector());
    EXPECT_EQ(restored.who().token, original.token) << "handles stay valid";
    EXPECT_GT(restored.who().life, original.life + 1) << "and new ones are none that the original gives";
    const std::size_t jobs = restored.recover().size();
    EXPECT_TRUE(jobs == many / 2 + 1 || jobs == many) << jobs << ": before or after a batch, and not within one";
}

TEST_F(sqlite_files, have_no_copies_that_are_not_finished) {
    job_file jobs = open_job_file(place.path(), false);
    const auto names = [this] {
        std::vector<std::string> all;
        for (const auto& one : std::filesystem::directory_iterator(place / "backups")) {
            all.push_back(one.path().filename().string());
        }
        return all;
    };
    std::filesystem::create_directory(place / "backups");
    for (const char* old : {"backups/old.sqlite.unfinished", "backups/old.sqlite.unfinished-journal"}) {
        std::ofstream(place / old) << "of a server that was killed";
    }
    {
        const sqlite_backup given_up(jobs.file, place / "backups" / "first.sqlite");
        EXPECT_THAT(names(), testing::Each(HasSubstr("first.sqlite.unfinished")));
        std::ofstream(place / "backups/first.sqlite.unfinished-journal") << "of a change that failed";
    }
    EXPECT_THAT(names(), testing::IsEmpty());
    sqlite_backup whole(jobs.file, place / "backups" / "second.sqlite");
    while (!whole.go_on()) {
    }
    EXPECT_THAT(names(), testing::ElementsAre("second.sqlite"));
}

TEST_F(sqlite_files, are_checked_without_a_server) {
    {
        const auto all = open();
        (void)all->recover();
        for (job_number id = 1; id <= 500; ++id) persist(*all, row(id, std::string(500, 'x')));
        all->bury({.job = row(501)});
        all->commit();
        EXPECT_TRUE(told.of(500).value());
        EXPECT_THROW((void)check_job_file(file()), runtime_failure) << "a server has it";
    }
    const job_file_account sound = check_job_file(file());
    EXPECT_EQ(sound.jobs, 500U);
    EXPECT_EQ(sound.letters, 1U);
    EXPECT_THAT(sound.faults, testing::IsEmpty());
    alter("UPDATE job SET priority = 7 WHERE id <= 3");
    EXPECT_THAT(check_job_file(file()).faults, testing::ElementsAre("3 jobs of a priority that there is not"));
    std::fstream damaged(file(), std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 10; page < 40; ++page) {
        damaged.seekp(page * 4096);
        damaged << std::string(64, '\xee');
    }
    damaged.close();
    EXPECT_THAT(check_job_file(file()).faults, Not(testing::IsEmpty()));
    EXPECT_THROW((void)check_job_file(place / "nothing"), runtime_failure);
}

TEST_F(sqlite_files, that_are_full_refuse_jobs_and_take_them_again_when_there_is_room) {
    sqlite_store all({.directory = place.path(), .pages_max = 40}, told.collector());
    (void)all.recover();
    persist(all, row(1, std::string(100'000, 'x')));
    all.commit();
    EXPECT_TRUE(told.of(1).value());
    persist(all, row(2, std::string(100'000, 'x')));
    all.commit();
    const auto refused = told.of(2).value();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("store_full"));
    all.forget(1);
    all.commit();
    persist(all, row(3, std::string(100'000, 'x')));
    all.commit();
    EXPECT_TRUE(told.of(3).value());
}

TEST_F(sqlite_files, forget_what_ended_while_they_were_full) {
    {
        sqlite_store all({.directory = place.path(), .pages_max = 40}, told.collector());
        (void)all.recover();
        persist(all, row(1, std::string(60'000, 'x')));
        all.commit();
        EXPECT_TRUE(told.of(1).value());
        all.forget(1);
        persist(all, row(2, std::string(400'000, 'x')));
        all.commit();
        EXPECT_FALSE(told.of(2).value());
        persist(all, row(3));
        all.commit();
        EXPECT_TRUE(told.of(3).value());
    }
    const auto back = open()->recover();
    ASSERT_EQ(back.size(), 1U);
    EXPECT_EQ(back[0].id, 3U);
}

TEST_F(sqlite_files, that_are_full_write_what_fits_and_nothing_newer_before_it) {
    {
        sqlite_store all({.directory = place.path(), .pages_max = 60}, told.collector());
        (void)all.recover();
        persist(all, row(1, std::string(100'000, 'x')));
        persist(all, row(2));
        all.commit();
        ASSERT_TRUE(told.of(2).value());
        const auto end = [&](job_number id, std::size_t bytes) {
            all.complete(
                {.id = id, .expires = wall_time::max(), .bytes = bytes, .data = shared_bytes(std::string(bytes, 'r'))});
        };
        end(11, 20'000);
        end(12, 20'000);
        end(13, 100'000);
        end(14, 20'000);
        EXPECT_TRUE(std::holds_alternative<error>(told.ask(all, is_written{}))) << "they do not fit together";
        EXPECT_EQ(std::get<totals>(told.ask(all, count_rows{})).results, 2U) << "the first of them do";
        persist(all, row(3));
        all.commit();
        EXPECT_FALSE(told.of(3).value()) << "it is newer than what waits";
        all.forget(1);
        EXPECT_TRUE(std::holds_alternative<std::monostate>(told.ask(all, is_written{})))
            << "what makes space goes first";
        EXPECT_EQ(std::get<totals>(told.ask(all, count_rows{})).results, 4U);
        persist(all, row(4));
        all.commit();
        EXPECT_TRUE(told.of(4).value());
    }
    std::vector<job_number> back;
    for (const job_row& one : open()->recover()) back.push_back(one.id);
    EXPECT_EQ(back, (std::vector<job_number>{2, 4}));
}

TEST_F(sqlite_files, that_are_full_have_short_logs) {
    constexpr std::size_t large = std::size_t{1} << 20;
    sqlite_store all({.directory = place.path(), .pages_max = 1200}, told.collector());
    (void)all.recover();
    for (job_number id = 1; id <= 8; ++id) {
        all.complete(
            {.id = id, .expires = wall_time::max(), .bytes = large, .data = shared_bytes(std::string(large, 'r'))});
    }
    EXPECT_TRUE(std::holds_alternative<error>(told.ask(all, is_written{})));
    EXPECT_EQ(std::get<totals>(told.ask(all, count_rows{})).results, 4U);
    EXPECT_LE(std::filesystem::file_size(file() + "-wal"), 2 * large) << "what was tried in vain has left it";
}

TEST_F(sqlite_files, that_are_full_say_so_to_who_wants_letters_tried_again) {
    sqlite_store all({.directory = place.path(), .pages_max = 60}, told.collector());
    (void)all.recover();
    all.bury({.job = row(1, std::string(120'000, 'x'))});
    const reply said = told.ask(all, revive{{1}});
    ASSERT_TRUE(std::holds_alternative<error>(said));
    EXPECT_THAT(std::get<error>(said).message, HasSubstr("store_full: no space for that"));
    EXPECT_EQ(std::get<purged>(told.ask(all, purge{})).letters, 1U) << "it is still there";
}

TEST_F(sqlite_files, that_are_full_and_relaxed_load_the_jobs_that_are_written) {
    sqlite_store all({.directory = place.path(), .relaxed = true, .pages_max = 40}, told.collector());
    (void)all.recover();
    persist(all, row(1));
    ASSERT_TRUE(std::holds_alternative<std::monostate>(told.ask(all, is_written{})));
    persist(all, row(2, std::string(200'000, 'x')));
    ASSERT_TRUE(std::holds_alternative<error>(told.ask(all, is_written{})));
    EXPECT_TRUE(std::holds_alternative<loaded>(told.ask(all, load_jobs{.ids = {1}})));
    EXPECT_TRUE(std::holds_alternative<error>(told.ask(all, load_jobs{.ids = {1, 2}})));
}

TEST(shelf_of_results, is_what_it_was_when_its_changes_are_undone) {
    const auto at = [](int seconds) { return wall_time{std::chrono::seconds(seconds)}; };
    result_shelf shelf(2000);
    shelf.add(1, "key", 500, at(10));
    shelf.add(2, "key", 500, at(20));
    shelf.begin();
    shelf.add(1, "other", 100, at(30));
    shelf.add(3, "key", 1000, at(40));
    EXPECT_EQ(shelf.take_due(at(0)), (std::vector<job_number>{2}));
    shelf.undo();
    EXPECT_EQ(shelf.with_unique("key"), (std::vector<job_number>{2, 1}));
    EXPECT_TRUE(shelf.with_unique("other").empty());
    EXPECT_EQ(shelf.take_due(at(10)), (std::vector<job_number>{1}));
    EXPECT_EQ(shelf.size(), 1U);
    EXPECT_TRUE(shelf.take_due(at(19)).empty()) << "all else has room";
}

TEST_F(sqlite_files, that_are_full_say_that_ends_are_written_when_they_are_and_in_their_order) {
    sqlite_store all({.directory = place.path(), .pages_max = 60}, told.collector());
    (void)all.recover();
    all.bury({.job = row(1, std::string(100'000, 'x'))});
    ASSERT_TRUE(std::holds_alternative<std::monostate>(told.ask(all, is_written{})));
    all.ask(101, ends_written{});
    all.complete(
        {.id = 2, .expires = wall_time::max(), .bytes = 150'000, .data = shared_bytes(std::string(150'000, 'r'))});
    all.ask(102, ends_written{});
    EXPECT_TRUE(std::holds_alternative<error>(told.ask(all, is_written{}))) << "there is no space for it";
    all.ask(103, ends_written{});
    EXPECT_TRUE(std::holds_alternative<error>(told.ask(all, is_written{}))) << "nor was there for what is before it";
    EXPECT_TRUE(std::holds_alternative<std::monostate>(told.reply_to(101)));
    EXPECT_FALSE(told.has_reply_to(102));
    EXPECT_FALSE(told.has_reply_to(103));
    EXPECT_EQ(std::get<purged>(told.ask(all, purge{})).letters, 1U) << "which makes space";
    all.forget(3);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(told.ask(all, is_written{})));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(told.reply_to(102)));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(told.reply_to(103)));
}

TEST_F(sqlite_files, list_dead_letters_for_which_there_is_no_room_yet) {
    sqlite_store all({.directory = place.path(), .pages_max = 40}, told.collector());
    (void)all.recover();
    persist(all, row(1, std::string(100'000, 'x')));
    all.bury({.job = row(2)});
    all.commit();
    ASSERT_TRUE(told.of(1).value());
    const job_row last = row(3, std::string(100'000, 'x'));
    all.bury({.job = last});
    all.commit();
    const auto list = std::get<letter_list>(told.ask(all, list_letters{}));
    EXPECT_EQ(list.total, 2U);
    ASSERT_EQ(list.letters.size(), 2U);
    EXPECT_EQ(list.letters[0].job.id, 3U);
    EXPECT_EQ(std::get<letter_list>(told.ask(all, list_letters{.function = "other"})).total, 0U);
    EXPECT_EQ(std::get<letter_list>(told.ask(all, list_letters{.most = 1})).letters.size(), 1U);
    EXPECT_THAT(std::get<error>(told.ask(all, purge{})).message, HasSubstr("wait for space"));
}

TEST(sqlite_loads, jobs_are_read_again_by_their_numbers_in_the_order_asked_for) {
    const sheaf::test::scratch_directory place;
    answers said;
    sqlite_store all({.directory = place / "data"}, said.collector());
    (void)all.recover();
    for (job_number id = 1; id <= 4; ++id) persist(all, row(id, std::string(100, static_cast<char>('0' + id))));
    all.forget(2);
    const auto ids_of = [&](load_jobs what) {
        std::vector<job_number> ids;
        const reply answer = said.ask(all, std::move(what));
        for (const job_row& one : std::get<loaded>(answer).jobs) ids.push_back(one.id);
        return ids;
    };
    using numbers = std::vector<job_number>;
    EXPECT_EQ(ids_of({.ids = {3, 2, 1, 99, 4}}), (numbers{3, 1, 4}));
    EXPECT_EQ(ids_of({.ids = {3, 1, 4}, .bytes_max = 250}), (numbers{3, 1}));
    EXPECT_EQ(ids_of({.ids = {3, 1}, .bytes_max = 1}), (numbers{3}));
    EXPECT_EQ(ids_of({.ids = {2}}), numbers{});
    const reply one = said.ask(all, load_jobs{.ids = {4}});
    EXPECT_EQ(std::get<loaded>(one).jobs.at(0).payload.view(), std::string(100, '4'));
}

}  // namespace
}  // namespace sheaf::store::test
