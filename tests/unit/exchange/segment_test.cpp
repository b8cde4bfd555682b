// Segment files: what was written is what is read, and damage is always noticed.

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <sys/stat.h>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "unit/exchange/run_fixture.hpp"
#include <sheaf/detail/key_codec.hpp>
#include <sheaf/detail/map_sinks.hpp>
#include <sheaf/detail/record_merge.hpp>
#include <sheaf/detail/segment.hpp>
#include <sheaf/detail/unit_refused.hpp>
#include <sheaf/detail/write_record.hpp>

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;
using test::scratch_directory;

using record = std::tuple<std::uint32_t, std::string, std::string>;  // partition, key, value

void write(segment_writer& writer, std::string_view key, const std::string& value) {
    std::string scratch;
    const value_bytes<std::string> bytes(value, scratch);
    writer.commit(bytes.write(write_key(writer.reserve(key.size() + 16 + bytes.size_max()), key)));
}

fs::path write_segment(const scratch_directory& directory, std::uint32_t partitions, const std::vector<record>& records,
                       bool pack = false) {
    segment_writer writer(directory.path(), "segment", partitions, value_framing::sized, pack);
    for (std::uint32_t partition = 0; partition < partitions; ++partition) {
        writer.begin_extent(partition, false);
        for (const auto& [owner, key, value] : records) {
            if (owner == partition) write(writer, key, value);
        }
        writer.end_extent();
    }
    EXPECT_EQ(writer.records(), records.size());
    return directory.path() / writer.commit_file();
}

std::vector<record> read_segment(const fs::path& path) {
    const auto opened = std::make_shared<const segment_file>(path);
    std::vector<record> records;
    for (const segment_extent& extent : opened->extents()) {
        extent_cursor cursor(opened, extent);
        while (cursor.next()) {
            records.emplace_back(extent.partition, cursor.record().key, cursor.record().value);
        }
    }
    return records;
}

std::vector<record> some_records(std::size_t count) {
    std::vector<record> records;
    for (std::uint32_t partition = 0; partition < 3; ++partition) {
        for (std::size_t i = 0; i < count; ++i) {
            records.emplace_back(partition, "key " + std::to_string(i * (partition + 1)), std::string(i % 50, 'v'));
        }
    }
    return records;
}

TEST(segment, what_was_written_is_read_also_over_many_blocks) {
    const scratch_directory directory;
    std::vector<record> records = some_records(5000);
    records.emplace_back(2, std::string(3 * segment_block_bytes, 'k'), std::string(2 * segment_block_bytes, 'v'));
    records.emplace_back(2, "", "");
    EXPECT_EQ(read_segment(write_segment(directory, 4, records)), records);
}

TEST(segment, partitions_that_are_freed_take_no_space_and_others_are_as_they_were) {
    const scratch_directory directory;
    const auto blocks_of = [](const fs::path& path) {
        struct stat about {};
        EXPECT_EQ(::stat(path.c_str(), &about), 0);
        return about.st_blocks;
    };
    std::vector<record> records = some_records(20'000);
    const fs::path path = write_segment(directory, 4, records);
    const auto before = blocks_of(path);
    ASSERT_TRUE(free_partitions(path, std::vector<std::uint32_t>{1, 2, 3, 17}));
    EXPECT_LT(blocks_of(path), before / 2);
    const auto opened = std::make_shared<const segment_file>(path);
    std::erase_if(records, [](const record& one) { return std::get<0>(one) != 0; });
    std::vector<record> left;
    for (const segment_extent& extent : opened->extents()) {
        extent_cursor cursor(opened, extent);
        if (extent.partition != 0) {
            EXPECT_THROW((void)cursor.next(), bad_segment);
            continue;
        }
        while (cursor.next()) left.emplace_back(0, cursor.record().key, cursor.record().value);
    }
    EXPECT_EQ(left, records);
}

TEST(segment, a_file_without_records_is_complete) {
    const scratch_directory directory;
    EXPECT_TRUE(read_segment(write_segment(directory, 7, {})).empty());
}

TEST(segment, a_writer_that_goes_without_committing_leaves_nothing) {
    const scratch_directory directory;
    {
        segment_writer writer(directory.path(), "segment", 1, value_framing::sized);
        writer.begin_extent(0, true);
        write(writer, "key", "value");
        writer.end_extent();
        EXPECT_EQ(test::files_in(directory.path()), 1u);
    }
    EXPECT_EQ(test::files_in(directory.path()), 0u);
}

TEST(segment, a_record_above_the_limit_is_refused) {
    const scratch_directory directory;
    segment_writer writer(directory.path(), "segment", 1, value_framing::sized);
    EXPECT_THROW((void)writer.reserve(segment_record_bytes_max + 1), unit_refused);
}

TEST(segment, a_key_above_the_limit_is_refused_before_a_combiner_copies_it) {
    const page_block text(segment_record_bytes_max + 1);  // nothing touches its pages
    const auto writer = []() -> segment_writer& { throw std::logic_error("there is nothing to write"); };
    using fold_type = combine_fold<std::uint64_t, std::plus<>>;
    folding_sink<fold_type, hash_partitioner> sink(writer, hash_partitioner(1), true, 1 << 20, {}, fold_type({}));
    EXPECT_THROW(sink.take({text.data(), segment_record_bytes_max + 1}, 1), unit_refused);
    EXPECT_EQ(sink.table().size(), 0u);
}

TEST(segment, packed_blocks_are_smaller_and_give_back_their_records) {
    const scratch_directory directory;
    std::vector<record> records = some_records(5000);
    records.emplace_back(2, "what packs too well is left as it is", std::string(9 * segment_block_bytes, 'v'));
    std::string noise;
    for (std::uint64_t i = 0; i < 20'000; ++i) noise += key_bytes<std::uint64_t>(stable_hash(std::to_string(i)));
    records.emplace_back(2, "and so is what does not pack", noise);
    const fs::path plain = write_segment(directory, 4, records);
    const std::uint64_t plain_size = fs::file_size(plain);
    fs::remove(plain);
    const fs::path packed = write_segment(directory, 4, records, true);
    EXPECT_LT(fs::file_size(packed), plain_size - 300'000);
    EXPECT_EQ(read_segment(packed), records);
}

class damaged_segment : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(packing, damaged_segment, testing::Bool(),
                         [](const auto& each) { return each.param ? "packed" : "plain"; });

TEST_P(damaged_segment, every_flipped_byte_is_noticed_and_the_file_named) {
    const scratch_directory directory;
    const std::vector<record> records = some_records(20);
    const fs::path path = write_segment(directory, 3, records, GetParam());
    std::fstream disk(path, std::ios::in | std::ios::out | std::ios::binary);
    const std::string whole = test::read_file(path);
    const auto put = [&disk](std::size_t at, char byte) {
        disk.seekp(static_cast<std::streamoff>(at)).put(byte).flush();
    };
    for (std::size_t i = 0; i < whole.size(); put(i, whole[i]), ++i) {
        put(i, static_cast<char>(whole[i] ^ (1 << i % 8)));
        try {
            (void)read_segment(path);
            FAIL() << "the flip in byte " << i << " of " << whole.size() << " went unnoticed";
        } catch (const bad_segment& why) {
            EXPECT_EQ(why.path, path);
            EXPECT_NE(std::string(why.what()).find(path), std::string::npos) << why.what();
        }
    }
}

TEST(segment, every_shortened_file_is_noticed) {
    const scratch_directory directory;
    const fs::path path = write_segment(directory, 3, some_records(20));
    for (std::size_t size = fs::file_size(path); size-- > 0;) {
        fs::resize_file(path, size);
        EXPECT_THROW((void)read_segment(path), bad_segment) << size << " bytes";
    }
}

TEST(segment, records_whose_checksum_is_right_but_whose_lengths_lie_are_noticed) {
    const scratch_directory directory;
    for (const std::string_view lie :
         {"\x05key", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x01k\x09short", "\x80"}) {
        segment_writer writer(directory.path(), "segment", 1, value_framing::sized);
        writer.begin_extent(0, false);
        writer.copy(lie);
        writer.end_extent();
        EXPECT_THROW((void)read_segment(directory.path() / writer.commit_file()), bad_segment);
    }
}

TEST(record_merge, merges_in_key_order_and_keeps_the_order_of_equal_keys) {
    const std::uint64_t seed = test::random_seed();
    SCOPED_TRACE("SHEAF_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    for (int round = 0; round < 20; ++round) {
        const scratch_directory directory;
        std::vector<std::pair<std::string, std::string>> expected;
        segment_writer writer(directory.path(), "runs", 1, value_framing::sized);
        const std::size_t runs = random() % 40;
        for (std::size_t run = 0; run < runs; ++run) {
            std::vector<std::pair<std::string, std::string>> records;
            for (std::size_t i = random() % 50; i-- > 0;) {
                records.emplace_back("long common prefix " + std::to_string(random() % 30),
                                     std::to_string(expected.size() + i));
            }
            std::stable_sort(records.begin(), records.end(),
                             [](const auto& a, const auto& b) { return a.first < b.first; });
            writer.begin_extent(0, true);
            for (const auto& [key, value] : records) write(writer, key, value);
            writer.end_extent();
            expected.insert(expected.end(), records.begin(), records.end());
        }
        std::stable_sort(expected.begin(), expected.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        const std::string path = writer.seal();
        const narrowed_sources narrow(extents_of_partition({path}, 0, 1, value_framing::sized), 2 + random() % 6,
                                      directory.path(), value_framing::sized, {});
        record_merge merge(narrow.get());
        std::vector<std::pair<std::string, std::string>> merged;
        while (merge.next()) merged.emplace_back(merge.record().key, merge.record().value);
        ASSERT_EQ(merged, expected) << "round " << round;
    }
}

TEST(record_merge, extents_that_are_not_sorted_are_not_merged) {
    const scratch_directory directory;
    const fs::path path = write_segment(directory, 1, {{0, "b", ""}, {0, "a", ""}});
    EXPECT_THROW(record_merge(extents_of_partition({path}, 0, 1, value_framing::sized)), bad_segment);
}

TEST(extents_of_partition, a_segment_of_another_shape_is_refused) {
    const scratch_directory directory;
    const fs::path path = write_segment(directory, 3, some_records(1));
    EXPECT_EQ(extents_of_partition({path}, 1, 3, value_framing::sized).size(), 1u);
    EXPECT_THROW((void)extents_of_partition({path}, 1, 4, value_framing::sized), bad_segment);
    EXPECT_THROW((void)extents_of_partition({path}, 1, 3, value_framing::varint), bad_segment);
}

}  // namespace
}  // namespace sheaf::detail
