// Errors: each is one line, a status, and nothing left behind.
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text_maker.hpp"
#include "word_count.hpp"

namespace sheaf::test {
namespace {

using testing::HasSubstr;

TEST(word_count_errors, an_output_directory_that_exists_is_not_touched) {
    word_count_place place;
    place.add_input("file", "a");
    write_file(place / "counts" / "precious", "x");
    const outcome ended = run(place.program_over_input());
    EXPECT_EQ(ended.code, 1);
    EXPECT_EQ(ended.err,
              "wordcount: the output directory " + place.output() + " exists already: remove it, or name another\n");
    EXPECT_EQ(names_in(place.output()), std::vector<std::string>{"precious"});
    expect_no_leftovers(place);
}

TEST(word_count_errors, a_missing_input_fails_before_anything_is_made) {
    word_count_place place;
    const std::string missing = place / "missing";
    expect_failed(run(place.program({"--output", place.output(), missing})), place,
                  "cannot read the input " + missing + ": No such file or directory");
    EXPECT_FALSE(std::filesystem::exists(place.runs())) << "no run was begun";
}

// What is printed must not go into a socket or pipe of ours that has got the number of a closed descriptor.
TEST(word_count, a_run_whose_standard_descriptors_are_closed_is_a_run_like_any_other) {
    word_count_place place;
    place.add_input("file", "a b a");
    const outcome ended = run(place.program({"--top", "2", "--output", place.output(), place.input()},
                                            {"sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh"}));
    EXPECT_EQ(ended.code, 0);
    EXPECT_EQ(names_in(place.output()), std::vector<std::string>{"part-00000"});
    expect_no_leftovers(place);
}

// Root may read everything, unless it gives that up.
TEST(word_count_errors, an_unreadable_file_fails_before_anything_is_made) {
    word_count_place place;
    place.add_input("fine", "a");
    place.add_input("secret", "b");
    ASSERT_EQ(::chmod((place.input() / "secret").c_str(), 0), 0);
    std::vector<std::string> wrapper;
    if (::geteuid() == 0) wrapper = {"setpriv", "--bounding-set=-dac_override,-dac_read_search"};
    expect_failed(run(place.program({"--output", place.output(), place.input()}, wrapper)), place,
                  "cannot read the input " + (place.input() / "secret").string() + ": Permission denied");
    EXPECT_FALSE(std::filesystem::exists(place.runs()));
}

TEST(word_count_errors, a_fifo_that_is_named_is_refused) {
    word_count_place place;
    const std::string fifo = place / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    expect_failed(run(place.program({"--output", place.output(), fifo})), place, fifo + " is a FIFO");
}

TEST(word_count_errors, mistakes_in_the_command_line_are_explained_and_exit_with_2) {
    const word_count_place place;
    const std::vector<std::vector<std::string>> mistakes = {{},
                                                            {"file"},
                                                            {"--output"},
                                                            {"--output", "out"},
                                                            {"--frobnicate"},
                                                            {"--output", "out", "--top", "many", "file"},
                                                            {"--output", "out", "--partitions", "0", "file"},
                                                            {"--output", "out", "--partitions", "99999999999", "file"}};
    for (const auto& arguments : mistakes) {
        const outcome ended = run(place.program(arguments));
        EXPECT_EQ(ended.code, 2) << testing::PrintToString(arguments);
        EXPECT_THAT(ended.err, HasSubstr("Run with --help for more information."));
    }
    const outcome helped = run(place.program({"--help"}));
    EXPECT_EQ(helped.code, 0);
    EXPECT_THAT(helped.out, HasSubstr("Usage: wordcount [OPTIONS] inputs..."));
}

TEST(word_count_errors, words_that_nobody_can_be_shown_are_an_error_and_the_output_stays) {
    word_count_place place;
    place.add_input("file", "a b a");
    const command what = place.program({"--output", place.output(), "--top", "1", place.input()},
                                       {"sh", "-c", "exec \"$@\" >/dev/full", "sh"});
    const outcome ended = run(what);
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.err, HasSubstr("cannot write the words to standard output"));
    EXPECT_FALSE(names_in(place.output()).empty());
}

// A disk of a few megabytes: a small tmpfs in a mount namespace of its own, and, for systems of other kinds, a limit on
// how large a file may become.
class full_disk : public testing::Test {
  protected:
    full_disk() { write_file(place.input() / "distinct", text_maker(1).distinct_words(16'000'000)); }

    static bool may_mount() { return run({namespace_with("mount -t tmpfs tmpfs /mnt"), {}}).code == 0; }
    static std::vector<std::string> namespace_with(const std::string& script) {
        if (::geteuid() == 0) return {"unshare", "--mount", "sh", "-c", script};
        return {"unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script};
    }

    // The program with `what` ("temporary files" or "output") on a full disk. Lists what is left there on standard output.
    outcome run_on_small_tmpfs(const std::filesystem::path& disk, command what) {
        std::vector<std::string> wrapped = namespace_with(
            "disk=$1; shift; mount -t tmpfs -o size=4m tmpfs \"$disk\" || exit 99; \"$@\"; status=$?; "
            "find \"$disk\" -mindepth 1 ! -name 'sheaf-*'; exit $status");
        wrapped.insert(wrapped.end(), {"sh", disk});
        what.arguments.insert(what.arguments.begin(), wrapped.begin(), wrapped.end());
        return run(std::move(what));
    }

    word_count_place place;
};

TEST_F(full_disk, under_temporary_files_is_one_error_and_leaves_nothing) {
    ASSERT_TRUE(may_mount()) << "this test needs a mount namespace of its own";
    expect_failed(run_on_small_tmpfs(place.temporary(), place.program_over_input({"--wait-for-space", "0"})), place,
                  "No space left on device");
}

TEST_F(full_disk, under_the_output_is_one_error_and_leaves_nothing) {
    ASSERT_TRUE(may_mount()) << "this test needs a mount namespace of its own";
    const std::filesystem::path disk = place / "disk";
    std::filesystem::create_directory(disk);
    const command what = place.program({"--wait-for-space", "0", "--output", disk / "counts", place.input()});
    expect_failed(run_on_small_tmpfs(disk, what), place, "No space left on device");
}

TEST_F(full_disk, in_the_shape_of_a_limit_on_file_sizes_is_one_error_and_leaves_nothing) {
    command what = place.program_over_input();
    const std::vector<std::string> limited{"sh", "-c", "ulimit -f 2000; exec \"$@\"", "sh"};
    what.arguments.insert(what.arguments.begin(), limited.begin(), limited.end());
    expect_failed(run(std::move(what)), place, "File too large");
}

}  // namespace
}  // namespace sheaf::test
