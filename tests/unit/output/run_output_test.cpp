// Output that is there as a whole or not at all.
#include "output/run_output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scratch_directory.hpp"
#include <sheaf/detail/output_file.hpp>
#include <sheaf/detail/type_schema.hpp>
#include <sheaf/detail/typed_record.hpp>

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;
using test::write_file;
using testing::ElementsAre;
using testing::HasSubstr;

basic_result<run_output, error> prepare(const output& what, bool overwrite = false) {
    return run_output::prepare(what, {.run_id = "id", .scratch = {}, .overwrite = overwrite});
}
basic_result<published_output, error> publish(run_output& made) {
    if (const auto sealed = made.seal(); !sealed) return sealed.error();
    return made.publish();
}
// A run that made these parts.
basic_result<published_output, error> make(const output& what, const std::vector<std::string>& parts,
                                           bool overwrite = false) {
    auto made = prepare(what, overwrite);
    if (!made) return made.error();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        write_file(made->staging() / "attempt", parts[i]);
        if (auto taken = made->accept(static_cast<std::uint32_t>(i), "attempt"); !taken) return taken.error();
    }
    return publish(*made);
}

TEST(run_output, appears_with_all_accepted_files_and_nothing_else) {
    const test::scratch_directory scratch;
    {
        auto output = prepare((scratch / "out/").string());
        ASSERT_TRUE(output) << output.error().message;
        EXPECT_EQ(output->staging().parent_path(), scratch.path()) << "another file system would need copies";
        write_file(output->staging() / "second", "2");
        write_file(output->staging() / "first", "1");
        write_file(output->staging() / "first-but-late", "never accepted");
        ASSERT_TRUE(output->accept(1, "second"));
        ASSERT_TRUE(output->accept(0, "first"));
        EXPECT_FALSE(fs::exists(scratch / "out"));
        const auto done = publish(*output);
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(done->path, scratch / "out");
        EXPECT_THAT(done->files, ElementsAre("part-00000", "part-00001"));
    }
    EXPECT_EQ(test::read_file(scratch / "out" / "part-00000"), "1");
    EXPECT_EQ(test::read_file(scratch / "out" / "part-00001"), "2");
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch / "out"), {}), 2);
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path()), {}), 1) << "the staging directory is still there";
}

TEST(run_output, that_is_given_up_leaves_nothing) {
    const test::scratch_directory scratch;
    {
        auto output = prepare((scratch / "out").string());
        ASSERT_TRUE(output);
        write_file(output->staging() / "half", "x");
        ASSERT_TRUE(output->accept(0, "half"));
    }
    EXPECT_TRUE(fs::is_empty(scratch.path()));
}

TEST(run_output, that_exists_is_refused_and_not_touched) {
    const test::scratch_directory scratch;
    write_file(scratch / "out" / "precious", "x");
    fs::create_symlink("nowhere", scratch / "link");
    write_file(scratch / "file", "x");
    for (const char* name : {"out", "out/", "link", "file"}) {
        const auto output = prepare((scratch / name).string());
        ASSERT_FALSE(output) << name;
        EXPECT_THAT(output.error().message, HasSubstr("exists already: remove it, or name another"));
    }
    EXPECT_EQ(test::read_file(scratch / "out" / "precious"), "x");
}

TEST(run_output, that_somebody_else_makes_meanwhile_is_not_replaced) {
    const test::scratch_directory scratch;
    auto output = prepare((scratch / "out").string());
    ASSERT_TRUE(output);
    fs::create_directory(scratch / "out");  // empty: a plain rename would replace it
    EXPECT_FALSE(publish(*output));
    EXPECT_TRUE(fs::is_empty(scratch / "out"));
}

TEST(run_output, that_cannot_be_made_is_an_error_at_once) {
    const test::scratch_directory scratch;
    EXPECT_THAT(prepare((scratch / "no" / "parent").string()).error().message, HasSubstr("No such file or directory"));
    for (const char* name : {"", "/", ".", ".."}) EXPECT_FALSE(prepare(name)) << name;
}

TEST(run_output, takes_no_file_from_outside_its_staging_directory) {
    const test::scratch_directory scratch;
    write_file(scratch / "precious", "x");
    auto output = prepare((scratch / "out").string());
    ASSERT_TRUE(output);
    for (const char* name : {"../precious", "", ".", "..", "a/b", "missing"})
        EXPECT_FALSE(output->accept(0, name)) << name;
    EXPECT_TRUE(fs::exists(scratch / "precious"));
}

TEST(run_output, sweeps_what_killed_runs_left_for_the_same_output_only) {
    const test::scratch_directory scratch;
    write_file(scratch / ".out.sheaf-dead" / "lock", "");
    write_file(scratch / ".out.sheaf-dead" / "output" / "part-00000", "half");
    write_file(scratch / ".other.sheaf-dead" / "lock", "");
    const auto output = prepare((scratch / "out").string());
    ASSERT_TRUE(output);
    EXPECT_FALSE(fs::exists(scratch / ".out.sheaf-dead"));
    EXPECT_TRUE(fs::exists(scratch / ".other.sheaf-dead"));
}

TEST(run_output, that_may_overwrite_replaces_an_older_one_whole) {
    const test::scratch_directory scratch;
    const std::string name = scratch / "out";
    ASSERT_TRUE(make(name, {"old 0", "old 1"}));
    const auto done = make(name, {"new 0"}, true);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(test::read_file(scratch / "out" / "part-00000"), "new 0");
    EXPECT_FALSE(fs::exists(scratch / "out" / "part-00001"));
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path()), {}), 1) << "the old one is still there";
}

TEST(run_output, never_overwrites_what_no_run_has_left) {
    const test::scratch_directory scratch;
    write_file(scratch / "out" / "part-00000", "x");
    write_file(scratch / "out" / "precious", "x");
    write_file(scratch / "file", "x");
    EXPECT_THAT(prepare((scratch / "out").string(), true).error().message,
                HasSubstr("holds other things than the part files of a run. Remove it yourself"));
    EXPECT_FALSE(prepare((scratch / "file").string(), true)) << "a directory is asked for";
    fs::create_directory(scratch / "empty");
    EXPECT_FALSE(prepare(single_file(scratch / "empty"), true)) << "a file is asked for";
}

TEST(run_output, is_not_put_where_something_precious_has_come_meanwhile) {
    const test::scratch_directory scratch;
    const std::string name = scratch / "out";
    ASSERT_TRUE(make(name, {"old"}));
    auto output = prepare(name, true);
    ASSERT_TRUE(output);
    write_file(scratch / "out" / "precious", "x");
    EXPECT_FALSE(publish(*output));
    EXPECT_EQ(test::read_file(scratch / "out" / "precious"), "x");
}

TEST(run_output, in_one_file_has_the_partitions_in_order_behind_one_line_of_names) {
    const test::scratch_directory scratch;
    const output what = single_csv_file(scratch / "all.csv", {.delimiter = ';', .columns = {"city", "a;b"}});
    EXPECT_TRUE(prepare(what)->format().columns.empty()) << "workers write no names";
    const auto done = make(what, {"Lima;1\n", "", "Oslo;2\n"});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->path, scratch / "all.csv");
    EXPECT_THAT(done->files, ElementsAre("all.csv"));
    EXPECT_EQ(test::read_file(scratch / "all.csv"), "city;\"a;b\"\nLima;1\nOslo;2\n");
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path()), {}), 1);

    EXPECT_THAT(make(what, {"new"}).error().message, HasSubstr("all.csv exists already"));
    ASSERT_TRUE(make(single_file(scratch / "all.csv"), {"new"}, true));
    EXPECT_EQ(test::read_file(scratch / "all.csv"), "new");
}

TEST(run_output, that_cannot_all_be_read_is_handed_to_nobody) {
    const test::scratch_directory scratch;
    std::vector<std::pair<int, int>> got;
    auto output = run_output::prepare(into(got), {.run_id = "id", .scratch = scratch.path(), .overwrite = false});
    ASSERT_TRUE(output) << output.error().message;
    output_file good(output->staging().string(), "good", output->format());
    good.begin_records(type_schema<std::pair<int, int>>());
    std::string scratch_text;
    append_typed_record<int, int>(good.text(), scratch_text, 1, 2);
    ASSERT_TRUE(output->accept(0, good.commit()));
    write_file(output->staging() / "bad", "no typed file");
    ASSERT_TRUE(output->accept(1, "bad"));
    EXPECT_FALSE(publish(*output));
    EXPECT_THAT(got, testing::IsEmpty());
}

TEST(run_output, that_is_kept_lives_as_long_as_somebody_may_read_it) {
    const test::scratch_directory scratch;
    input next;
    {
        auto output = run_output::prepare(kept(), {.run_id = "id", .scratch = scratch.path(), .overwrite = false});
        ASSERT_TRUE(output) << output.error().message;
        write_file(output->staging() / "attempt", "x");
        ASSERT_TRUE(output->accept(0, "attempt"));
        auto done = publish(*output);
        ASSERT_TRUE(done);
        EXPECT_EQ(done->kept.size(), 1U);
        EXPECT_EQ(done->kept.bytes(), 1U);
        next = done->kept;
    }
    ASSERT_EQ(next.spec()->paths.size(), 1U);
    EXPECT_EQ(test::read_file(next.spec()->paths.front()), "x");
    next = {};
    EXPECT_TRUE(fs::is_empty(scratch.path()));
}

TEST(run_output, that_is_not_named_is_refused) {
    EXPECT_THAT(prepare(output{}).error().message, HasSubstr("the run has no output: name a directory"));
}

}  // namespace
}  // namespace sheaf::detail
