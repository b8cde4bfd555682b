// Runs that another driver has left: what is in order counts, and what is not is made again.
#include "map_reduce/run_state.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "map_reduce/run_identity.hpp"
#include "support/scratch_directory.hpp"
#include "support/small_disk.hpp"
#include <sheaf/detail/output_file.hpp>
#include <sheaf/detail/reduce_partitions.hpp>
#include <sheaf/detail/segment.hpp>

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct left_runs : testing::Test {
    left_runs() { ::setenv("SHEAF_TMPDIR", scratch.path().c_str(), 1); }
    ~left_runs() override { ::unsetenv("SHEAF_TMPDIR"); }

    /// A run of `splits` splits. Without partitions it is map-only.
    run_state begin() {
        input_plan input;
        input.list.files.push_back({.path = "/in", .size = 10 * splits, .tag = tag});
        for (std::size_t i = 0; i < splits; ++i)
            input.splits.push_back({{.path = "/in", .offset = 10 * i, .length = 10, .file_size = 10 * splits}});
        auto state = begin_run({identity_of("count", 1, input, how), how, input, partitions, per_unit, groups});
        EXPECT_TRUE(state) << (state ? "" : state.error().message);
        return std::move(*state);
    }
    std::string out() const { return scratch / "out"; }

    // ---- What attempts and driver do.

    static std::string segment(const run_state& state, const std::string& name, std::uint32_t partitions) {
        segment_writer writer(state.work.path().string(), name, partitions, value_framing::sized);
        for (std::uint32_t p = 0; p < partitions; ++p) {
            writer.begin_extent(p, true);
            writer.copy("\1k\1v");
            writer.end_extent();
        }
        return writer.commit_file();
    }
    void map(run_state& state, std::uint32_t index) const {
        unit_mapped unit{index, {}};
        unit.output.file = segment(state, "map-" + std::to_string(index), partitions);
        state.add(unit);
    }
    static void merge(run_state& state, std::uint32_t group) {
        unit_merged unit{group, {}};
        unit.output.file = segment(state, "merge-" + std::to_string(group), 2);
        state.add(unit);
    }
    static void map_to_output(run_state& state, std::uint32_t index, const std::string& text) {
        output_file file(state.output.staging().string(), "map-" + std::to_string(index), state.output.format());
        file.text() += text;
        unit_mapped unit{index, {}};
        unit.output.file = file.commit();
        unit.output.segment_bytes = file.bytes();
        unit.output.checksum = file.checksum();
        state.add(unit);
    }
    static void accept_mapped(run_state& state) {
        std::uint32_t part = 0;
        for (const std::uint32_t index : state.account.order())
            ASSERT_TRUE(state.output.accept(part++, state.account.mapped(index)->file));
    }
    static basic_result<published_output, error> publish(run_state& state) {
        return state.publish([] { return basic_result<void, error>(); });
    }
    /// The unit's partitions, one for each text.
    static void reduce(run_state& state, std::uint32_t unit, const std::vector<std::string>& texts) {
        unit_reduced done{unit, {}};
        std::uint32_t partition = state.account.first_partition(unit);
        for (const std::string& text : texts) {
            output_file file(state.output.staging().string(), "reduce-" + std::to_string(partition),
                             state.output.format());
            file.text() += text;
            const std::string name = file.commit();
            (done.output.file.empty() ? done.output.file : done.output.more_files.emplace_back()) = name;
            done.output.output_bytes += file.bytes();
            done.output.checksum = add_checksum(done.output.checksum, file.checksum());
            ASSERT_TRUE(state.output.accept(partition++, name));
        }
        state.add(done);
    }
    fs::path part(const run_state& state, const std::string& name) const {
        return state.output.staging() / "output" / name;
    }
    std::string output_of(const std::string& name) const { return test::read_file(scratch / "out" / name); }

    static void flip(const fs::path& path, std::uint64_t at) {
        std::string text = test::read_file(path);
        text.at(at) = static_cast<char>(text[at] ^ 1);
        test::write_file(path, text);
    }

    test::scratch_directory scratch;
    std::size_t splits = 3;
    std::uint32_t partitions = 3;
    std::uint32_t per_unit = 1;
    std::uint32_t groups = 0;
    std::string tag = "\"1\"";
    map_reduce_options how{.output = out(), .resume = true};
};

// ---- Which runs are the same.

TEST_F(left_runs, of_another_kind_are_not_gone_on_with_and_it_is_said_in_what_they_differ) {
    const std::vector<std::pair<const char*, std::function<void()>>> changes{
        {"side data", [this] { how.side = 1000; }},
        {"kind of output", [this] { how.output = csv_parts(out()); }},
        {"kind of output", [this] { how.output = csv_parts(out(), {.delimiter = ';'}); }},
        {"kind of output", [this] { how.output = single_csv_file(out(), {.delimiter = ';'}); }},
        {"input", [this] { tag = "\"2\""; }},
        {"partitions", [this] { how.partitions = 7; }},
        {"split_bytes", [this] { how.split_bytes = 7; }}};
    for (const auto& [what, change] : changes) {
        {
            run_state state = begin();
            map(state, 0);
            state.leave();
        }
        change();
        const run_state state = begin();
        EXPECT_EQ(state.units_resumed, 0U) << what;
        EXPECT_EQ(state.account.mapped(0), nullptr) << what;
        EXPECT_THAT(state.note, HasSubstr(std::string("differs in this: ") + what + ": this run has begun anew"));
    }
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path()), {}), 1) << "something is still there";
}

TEST_F(left_runs, that_had_other_means_are_gone_on_with) {
    {
        run_state state = begin();
        map(state, 0);
        state.leave();
    }
    how.memory = 1 << 20;
    how.compress_spills = true;
    how.bad_records = 10;
    how.attempts_max = 7;
    const run_state state = begin();
    EXPECT_EQ(state.units_resumed, 1U);
    EXPECT_EQ(state.note, "");
}

TEST_F(left_runs, whose_output_is_gone_begin_anew_and_say_so) {
    {
        run_state state = begin();
        map(state, 0);
        fs::remove_all(state.output.staging());
        state.leave();
    }
    const run_state state = begin();
    EXPECT_EQ(state.units_resumed, 0U);
    EXPECT_THAT(state.note, HasSubstr("begun anew"));
}

TEST_F(left_runs, stay_while_something_else_has_the_name_of_their_output) {
    {
        run_state state = begin();
        map(state, 0);
        state.leave();
    }
    test::write_file(scratch / "out" / "precious", "x");
    input_plan input;
    input.list.files.push_back({.path = "/in", .size = 10 * splits, .tag = tag});
    EXPECT_FALSE(begin_run({identity_of("count", 1, input, how), how, input, partitions}));
    fs::remove_all(scratch / "out");
    EXPECT_EQ(begin().units_resumed, 1U);
}

// ---- What of them counts.

TEST_F(left_runs, have_only_those_parts_made_again_that_are_not_what_they_were) {
    partitions = 8;
    per_unit = 2;
    {
        run_state state = begin();
        for (std::uint32_t i = 0; i < 3; ++i) map(state, i);
        reduce(state, 0, {"a", "b"});
        reduce(state, 1, {"c", "d"});
        reduce(state, 2, {"ef", "gh"});
        reduce(state, 3, {"ij", ""});
        test::write_file(part(state, "part-00002"), "");  // as after a power failure
        flip(part(state, "part-00005"), 1);
        fs::remove(part(state, "part-00007"));
        state.leave();
    }
    run_state state = begin();
    EXPECT_NE(state.account.reduced(0), nullptr);
    for (std::uint32_t unit = 1; unit < 4; ++unit) EXPECT_EQ(state.account.reduced(unit), nullptr) << unit;
    EXPECT_EQ(state.units_resumed, 4U);
    EXPECT_THAT(state.note, HasSubstr("3 units of the output"));
    reduce(state, 1, {"c", "d"});
    reduce(state, 2, {"ef", "gh"});
    reduce(state, 3, {"ij", ""});
    ASSERT_TRUE(publish(state));
    EXPECT_EQ(output_of("part-00002"), "c");
    EXPECT_EQ(output_of("part-00005"), "gh");
}

TEST_F(left_runs, have_stretches_of_the_common_file_made_again_that_are_not_what_they_were) {
    how.output = single_file(out(), {.record_bytes = 1});
    {
        run_state state = begin();
        test::write_file(state.output.staging() / common_file_name, "aabbcc");
        for (std::uint32_t unit = 0; unit < 3; ++unit) {
            const file_range range{2 * std::uint64_t{unit}, 2};
            const auto content = content_of_file(state.output.staging() / common_file_name, range);
            ASSERT_TRUE(content);
            unit_reduced done{unit, {}};
            done.output.ranges.push_back(range);
            done.output.output_bytes = content->bytes;
            done.output.checksum = content->checksum;
            ASSERT_TRUE(state.output.accept(unit, range));
            state.add(done);
        }
        flip(state.output.staging() / common_file_name, 3);
        state.leave();
    }
    run_state state = begin();
    EXPECT_NE(state.account.reduced(0), nullptr);
    EXPECT_EQ(state.account.reduced(1), nullptr);
    EXPECT_NE(state.account.reduced(2), nullptr);
    reduce(state, 1, {"bb"});
    ASSERT_TRUE(publish(state));
    EXPECT_EQ(test::read_file(out()), "aabbcc");
}

TEST_F(left_runs, have_segments_made_again_that_have_no_more_of_what_is_reduced_again) {
    {
        run_state state = begin();
        for (std::uint32_t i = 0; i < 3; ++i) map(state, i);
        reduce(state, 1, {"b"});
        reduce(state, 2, {"c"});
        test::write_file(part(state, "part-00002"), "");
        // All of partition 1 is damaged, which nobody needs any more; and partition 2 of one segment.
        for (const char* name : {"map-0", "map-1", "map-2"}) {
            const segment_file segment((state.work.path() / name).string());
            flip(state.work.path() / name, segment.extents()[1].offset + segment_block_header_bytes);
            if (std::string_view(name) == "map-1")
                flip(state.work.path() / name, segment.extents()[2].offset + segment_block_header_bytes);
        }
        state.leave();
    }
    const run_state state = begin();
    EXPECT_NE(state.account.reduced(1), nullptr);
    EXPECT_EQ(state.account.reduced(2), nullptr);
    EXPECT_NE(state.account.mapped(0), nullptr);
    EXPECT_EQ(state.account.mapped(1), nullptr);
    EXPECT_NE(state.account.mapped(2), nullptr);
}

TEST_F(left_runs, of_two_tiers_need_no_segments_of_what_is_merged) {
    splits = 4;
    partitions = groups = 2;
    {
        run_state state = begin();
        for (std::uint32_t i = 0; i < 4; ++i) map(state, i);
        merge(state, 0);
        for (const char* gone : {"map-1", "map-2"}) state.work.remove(gone);
        state.leave();
    }
    const run_state state = begin();
    EXPECT_NE(state.account.merged(0), nullptr);
    EXPECT_NE(state.account.mapped(1), nullptr) << "it is in the merged one";
    EXPECT_EQ(state.account.mapped(2), nullptr);
    EXPECT_EQ(state.units_resumed, 4U);
}

// ---- Map-only jobs.

TEST_F(left_runs, of_map_only_jobs_are_gone_on_with_at_every_point) {
    partitions = 0;
    how.output = out();
    for (int reached = 0; reached < 5; ++reached) {
        SCOPED_TRACE(reached);
        {
            run_state state = begin();
            map_to_output(state, 0, "a");
            map_to_output(state, 2, "c");
            if (reached > 0) map_to_output(state, 1, "b");
            if (reached == 2) {
                ASSERT_TRUE(state.output.accept(0, "map-0"));
            }
            if (reached > 2) accept_mapped(state);
            if (reached > 3) {
                ASSERT_TRUE(publish(state));
            }
            state.leave();
        }
        {
            run_state state = begin();
            EXPECT_EQ(state.units_resumed, reached > 0 ? 3U : 2U);
            EXPECT_EQ(state.note, "");
            if (reached == 0) map_to_output(state, 1, "b");
            if (!state.output.is_published()) accept_mapped(state);
            const auto done = publish(state);
            ASSERT_TRUE(done) << done.error().message;
            EXPECT_THAT(done->files, testing::ElementsAre("part-00000", "part-00001", "part-00002"));
        }
        EXPECT_EQ(output_of("part-00000") + output_of("part-00001") + output_of("part-00002"), "abc");
        fs::remove_all(scratch / "out");
    }
}

TEST_F(left_runs, of_map_only_jobs_have_damaged_outputs_made_again) {
    partitions = 0;
    {
        run_state state = begin();
        for (std::uint32_t i = 0; i < 3; ++i) map_to_output(state, i, "abc");
        accept_mapped(state);
        flip(part(state, "part-00001"), 2);
        state.leave();
    }
    const run_state state = begin();
    EXPECT_EQ(state.account.mapped(1), nullptr);
    EXPECT_EQ(state.units_resumed, 2U);
    EXPECT_NE(state.note, "");
}

// ---- At the end.

TEST_F(left_runs, that_were_killed_while_parts_were_joined_have_all_of_them) {
    const std::vector<std::pair<output, std::string>> kinds{{single_file(out()), "abc"},
                                                            {single_csv_file(out(), {.columns = {"x"}}), "x\nabc"}};
    for (const auto& [kind, expected] : kinds) {
        how.output = kind;
        {
            run_state state = begin();
            for (std::uint32_t unit = 0; unit < 3; ++unit) reduce(state, unit, {std::string(1, "abc"[unit])});
            ASSERT_TRUE(state.output.seal());
            state.leave();
        }
        {
            run_state state = begin();
            EXPECT_EQ(state.units_resumed, 3U);
            EXPECT_EQ(state.note, "");
            ASSERT_TRUE(publish(state));
        }
        EXPECT_EQ(test::read_file(out()), expected);
        fs::remove(out());
    }
}

TEST_F(left_runs, whose_disk_was_full_while_parts_were_joined_go_on_when_there_is_space) {
    fs::create_directory(scratch / "disk");
    for (const bool resume : {true, false}) {
        SCOPED_TRACE(resume);
        test::small_disk disk(scratch / "disk", 5U << 20);
        how.resume = resume;
        how.output = single_file(scratch / "disk" / "out");
        {
            run_state state = begin();
            for (std::uint32_t unit = 0; unit < 3; ++unit) reduce(state, unit, {std::string(1 << 20, "abc"[unit])});
            disk.fill();
            EXPECT_FALSE(publish(state));
            EXPECT_TRUE(state.output.wants_space());
            if (resume) {
                state.leave();
            } else {
                disk.clear();
                ASSERT_TRUE(publish(state)) << "a part goes when it has been joined, or there would not be enough";
            }
        }
        if (resume) {
            // The parts are kept, so they and the file do not fit here together.
            run_state state = begin();
            EXPECT_EQ(state.units_resumed, 3U);
            EXPECT_FALSE(fs::exists(state.output.staging() / "joined")) << "half of it, which only takes space";
        }
        if (!resume) {
            EXPECT_EQ(fs::file_size(scratch / "disk" / "out"), 3U << 20);
        }
        disk.clear();
    }
}

TEST_F(left_runs, that_have_published_are_done) {
    {
        run_state state = begin();
        for (std::uint32_t unit = 0; unit < 3; ++unit) reduce(state, unit, {"x"});
        ASSERT_TRUE(publish(state));
        state.leave();
    }
    run_state state = begin();
    EXPECT_EQ(state.units_resumed, 3U);
    const auto done = publish(state);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->files.size(), 3U);
}

}  // namespace
}  // namespace sheaf::detail
