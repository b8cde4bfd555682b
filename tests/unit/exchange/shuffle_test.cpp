// What goes in at the mappers comes out at the reducers, whatever the keys, budgets, partitions and orders: the same as of a std::map.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "unit/exchange/run_fixture.hpp"
#include <sheaf/accumulators.hpp>
#include <sheaf/detail/map_attempt.hpp>
#include <sheaf/detail/reduce_attempt.hpp>

namespace sheaf::detail {
namespace {

using test::run_fixture;
using test::run_shape;

template <class K, class V>
using records_of = std::vector<std::pair<K, V>>;

/// A run without input: its records are made by the test, and dealt out to splits.
class shuffle_test : public testing::Test {
  protected:
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

    std::string some_key() {
        using namespace std::string_literals;
        const std::uint64_t choice = below(20);
        if (choice == 0) return std::string(below(3), '\0');
        if (choice == 1) return "a common beginning that is long " + std::to_string(below(50));
        if (choice == 2) return "k\0"s + std::to_string(below(5));
        return (choice < 10 ? "hot" : "key") + std::to_string(below(choice < 10 ? 3 : 400));
    }

    records_of<std::string, std::string> some_records(std::size_t count) {
        records_of<std::string, std::string> records;
        for (std::size_t i = 0; i < count; ++i) {
            std::string value = std::to_string(i);
            if (below(500) == 0) value.append(below(400'000), 'x');  // more than a block
            records.emplace_back(some_key(), value);
        }
        return records;
    }

    run_shape some_shape() {
        compress_ = below(2) == 0;
        return {.partitions = static_cast<std::uint32_t>(1 + below(12)),
                .split_bytes = 1,
                .memory_budget = below(3) == 0 ? 1 << 24 : below(200'000)};
    }

    map_assignment assignment(std::size_t index) {
        map_assignment what = run_.assignment({}, shape_, static_cast<std::uint32_t>(index));
        what.boundaries = boundaries_;
        what.compress = compress_;
        return what;
    }

    /// Deals `records` out to splits, in order, and gives the segment files; `map(split, records of the split)` makes one.
    template <class Records, class Map>
    std::vector<std::string> map_in_splits(const Records& records, Map&& map) {
        std::vector<std::string> files;
        for (std::size_t at = 0, index = 0; at < records.size() || index == 0; ++index) {
            const std::size_t count = std::min<std::size_t>(1 + below(records.size() + 1), records.size() - at);
            const Records part(records.begin() + static_cast<std::ptrdiff_t>(at),
                               records.begin() + static_cast<std::ptrdiff_t>(at + count));
            const map_output made = map(assignment(index), part);
            EXPECT_NE(made.checksum, 0u);
            files.push_back(made.file);
            at += count;
        }
        return files;
    }

    template <class K, class V, class Shuffle, class Records>
    std::vector<std::string> shuffle_out(const Records& records, const Shuffle& how) {
        return map_in_splits(records, [&](const map_assignment& what, const Records& part) {
            return map_records<K, V>(what, how, [&](emitter<K, V>& out) {
                for (const auto& [key, value] : part) out.emit(key, value);
                return part.size();
            });
        });
    }

    template <class Reduce>
    void for_each_partition(const std::vector<std::string>& files, Reduce&& reduce) {
        for (std::uint32_t partition = 0; partition < shape_.partitions; ++partition) {
            reduce_assignment what = run_.reduction(partition, files, shape_);
            what.compress = compress_;
            const reduce_totals totals = reduce(what);
            spills_ += totals.spills;
            records_in_ += totals.records;
        }
        EXPECT_EQ(test::files_in(run_.run()), files.size() + 1) << "only segments and the nonce stay";
    }

    std::uint64_t seed_ = test::random_seed();
    testing::ScopedTrace trace_{__FILE__, __LINE__, "SHEAF_SEED=" + std::to_string(seed_)};
    std::mt19937_64 random_{seed_};
    run_fixture run_;
    run_shape shape_;
    std::vector<std::string> boundaries_;
    bool compress_ = false;
    std::uint64_t spills_ = 0;
    std::uint64_t records_in_ = 0;
};

template <class K, class V>
std::map<K, std::vector<V>> grouped(const records_of<K, V>& records) {
    std::map<K, std::vector<V>> groups;
    for (const auto& [key, value] : records) groups[key].push_back(value);
    return groups;
}

TEST_F(shuffle_test, groups_are_those_of_a_map_with_values_in_the_order_of_the_input) {
    for (int round = 0; round < 20; ++round) {
        shape_ = some_shape();
        const auto records = some_records(below(4000));
        const auto files = shuffle_out<std::string, std::string>(records, shuffle<>{});
        std::map<std::string, std::vector<std::string>> found;
        for_each_partition(files, [&](const reduce_assignment& what) {
            std::optional<std::string> last;
            return reduce_grouped<std::string, std::string>(what, no_order{}, [&](std::string_view key, auto& values) {
                EXPECT_TRUE(!last || *last < key) << "keys of a partition are sorted";
                last = key;
                EXPECT_FALSE(found.contains(std::string(key)));
                for (const std::string& value : values) found[std::string(key)].push_back(value);
            });
        });
        ASSERT_EQ(found, grouped(records)) << "round " << round;
        for (const std::string& file : files) std::filesystem::remove(run_.run() / file);
    }
    EXPECT_GT(spills_, 0u) << "the budgets are to be small enough to be tested";
}

TEST_F(shuffle_test, ranges_make_the_parts_one_sorted_whole) {
    shape_ = {.partitions = 5, .split_bytes = 1, .memory_budget = 50'000};
    boundaries_ = {key_bytes<std::string>("hot1"), key_bytes<std::string>("hot2"), key_bytes<std::string>("key3")};
    const auto records = some_records(3000);
    std::vector<std::string> keys;
    for_each_partition(shuffle_out<std::string, std::string>(records, shuffle<keep_all, by_range_t>{}),
                       [&](const reduce_assignment& what) {
                           return reduce_grouped<std::string, std::string>(
                               what, no_order{}, [&](std::string_view key, auto&) {
                                   std::uint32_t partition = 0;
                                   while (partition < boundaries_.size() && boundaries_[partition] <= key) ++partition;
                                   EXPECT_EQ(partition, what.partition) << key;
                                   keys.emplace_back(key);
                               });
                       });
    std::vector<std::string> expected;
    for (const auto& [key, values] : grouped(records)) expected.push_back(key);
    EXPECT_EQ(keys, expected);
}

TEST_F(shuffle_test, a_function_of_the_jobs_own_chooses_partitions_and_is_held_to_their_number) {
    shape_ = {.partitions = 3, .split_bytes = 1, .memory_budget = 50'000};
    records_of<std::int32_t, std::string> records;
    for (int i = -50; i < 50; ++i) records.emplace_back(i, "value");
    const auto by_rest = [](std::int32_t key, std::uint32_t partitions) {
        return static_cast<std::uint32_t>((key + 99) % 3) % partitions;
    };
    for_each_partition(
        shuffle_out<std::int32_t, std::string>(records, shuffle<keep_all, decltype(by_rest)>{{}, by_rest}),
        [&](const reduce_assignment& what) {
            return reduce_grouped<std::int32_t, std::string>(
                what, no_order{}, [&](std::int32_t key, auto&) { EXPECT_EQ(by_rest(key, 3), what.partition); });
        });
    EXPECT_EQ(records_in_, 100u);
    const auto wrong = [](std::int32_t, std::uint32_t partitions) { return partitions; };
    EXPECT_THROW((shuffle_out<std::int32_t, std::string>(records, shuffle<keep_all, decltype(wrong)>{{}, wrong})),
                 unit_refused);
}

TEST_F(shuffle_test, values_come_in_the_order_of_what_they_are_ordered_by) {
    const auto last_digits = [](std::string_view value) { return std::string(value.substr(value.size() - 1)); };
    for (int round = 0; round < 10; ++round) {
        shape_ = some_shape();
        const auto records = some_records(below(2000));
        auto expected = grouped(records);
        for (auto& [key, values] : expected) {
            std::stable_sort(values.begin(), values.end(),
                             [&](const auto& a, const auto& b) { return last_digits(a) < last_digits(b); });
        }
        const order_by<decltype(last_digits)> order{last_digits};
        const shuffle<keep_all, by_hash_t, order_by<decltype(last_digits)>> how{{}, {}, order};
        std::map<std::string, std::vector<std::string>> found;
        const auto files = shuffle_out<std::string, std::string>(records, how);
        for_each_partition(files, [&](const reduce_assignment& what) {
            return reduce_grouped<std::string, std::string>(what, order, [&](std::string_view key, auto& values) {
                for (const std::string& value : values) found[std::string(key)].push_back(value);
            });
        });
        ASSERT_EQ(found, expected) << "round " << round;
        for (const std::string& file : files) std::filesystem::remove(run_.run() / file);
    }
    EXPECT_GT(spills_, 0u);
}

struct flight {
    std::string from;
    std::int32_t day = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(from, day);
    }
    friend auto operator<=>(const flight&, const flight&) = default;
};

/// What an accumulator of a user's may be: it holds memory, and does not say how much.
struct gathered_texts {
    std::vector<std::string> texts;

    void add(std::string_view text) { texts.emplace_back(text); }
    void merge(gathered_texts&& other) { texts.insert(texts.end(), other.texts.begin(), other.texts.end()); }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(texts);
    }
};

TEST_F(shuffle_test, accumulators_of_a_users_own_hold_what_came_for_keys_of_a_users_own) {
    for (int round = 0; round < 10; ++round) {
        shape_ = some_shape();
        shape_.memory_budget /= 8;
        records_of<flight, std::string> records;
        for (std::uint64_t i = below(3000); i > 0; --i) {
            records.emplace_back(flight{some_key(), static_cast<std::int32_t>(below(3)) - 1}, std::to_string(i));
        }
        std::map<flight, std::vector<std::string>> found;
        using gather = accumulate_in<gathered_texts>;
        const auto files = shuffle_out<flight, std::string>(records, shuffle<gather>{});
        for_each_partition(files, [&](const reduce_assignment& what) {
            return reduce_folded<flight, std::string>(what, gather{},
                                                      [&](const flight& key, const gathered_texts& all) {
                                                          EXPECT_TRUE(found.emplace(key, all.texts).second);
                                                      });
        });
        ASSERT_EQ(found, grouped(records)) << "round " << round;
        for (const std::string& file : files) std::filesystem::remove(run_.run() / file);
    }
    EXPECT_GT(spills_, 0u);
}

TEST_F(shuffle_test, a_few_keys_that_hold_much_keep_to_the_budget) {
    shape_ = {.partitions = 1, .split_bytes = 1, .memory_budget = 1'000'000};
    records_of<std::string, std::string> records;
    for (int i = 0; i < 4'000; ++i) records.emplace_back("key" + std::to_string(i % 10), std::string(1'000, 'v'));
    std::uint64_t spills_of_mappers = 0;
    const auto files = map_in_splits(records, [&](const map_assignment& what, const auto& part) {
        const map_output made = map_records<std::string, std::string>(what, shuffle<accumulate_in<list<std::string>>>{},
                                                                      [&](emitter<std::string, std::string>& out) {
                                                                          for (const auto& [key, value] : part)
                                                                              out.emit(key, value);
                                                                          return part.size();
                                                                      });
        spills_of_mappers += made.spills;
        return made;
    });
    std::map<std::string, std::size_t> found;
    for_each_partition(files, [&](const reduce_assignment& what) {
        return reduce_folded<std::string, std::string>(
            what, accumulate_in<list<std::string>>{},
            [&](std::string_view key, const list<std::string>& all) { found[std::string(key)] = all.values().size(); });
    });
    EXPECT_EQ(found.size(), 10u);
    for (const auto& [key, count] : found) EXPECT_EQ(count, 400u) << key;
    EXPECT_GE(spills_of_mappers + spills_, 3u) << "4 MB do not fit 1 MB";
    EXPECT_GE(spills_, 1u);
}

TEST(record_distributor, blocks_take_half_of_the_budget_or_all_of_it_or_as_little_as_they_can) {
    constexpr std::uint64_t budget = 16 << 20;
    EXPECT_EQ(block_bytes_for(4, budget), 256u << 10);
    EXPECT_EQ(block_bytes_for(256, budget), 32u << 10);
    EXPECT_EQ(block_bytes_for(2000, budget), 8u << 10);
    EXPECT_EQ(block_bytes_for(8192, budget), 2048u);
    EXPECT_EQ(block_bytes_for(65536, budget), 256u);
    EXPECT_EQ(block_bytes_for(65536, 1 << 20), 256u);
}

TEST_F(shuffle_test, means_of_numbers_are_accumulated_in_place) {
    shape_ = {.partitions = 2, .split_bytes = 1, .memory_budget = 40'000};
    records_of<std::uint32_t, double> records;
    for (std::uint32_t i = 0; i < 20'000; ++i) records.emplace_back(i % 1999, i);
    const auto files = shuffle_out<std::uint32_t, double>(records, shuffle<accumulate_in<mean>>{});
    std::uint64_t keys = 0;
    for_each_partition(files, [&](const reduce_assignment& what) {
        return reduce_folded<std::uint32_t, double>(
            what, accumulate_in<mean>{}, [&](std::uint32_t key, const mean& all) {
                const double last = key + 1999.0 * static_cast<double>(all.count() - 1);
                EXPECT_NEAR(all.value(), (key + last) / 2, 1e-6);
                ++keys;
            });
    });
    EXPECT_EQ(keys, 1999u);
    EXPECT_GT(spills_, 0u);
}

TEST_F(shuffle_test, a_join_sees_the_left_values_as_often_as_it_likes_and_the_right_ones_once) {
    for (int round = 0; round < 15; ++round) {
        shape_ = some_shape();
        shape_.memory_budget /= 8;
        const auto records = some_records(below(4000));
        const auto is_left = [](const std::string& value) { return value.back() % 3 != 0; };
        const auto files = map_in_splits(records, [&](const map_assignment& what, const auto& part) {
            return map_inputs<std::string, std::string, std::int64_t>(what, by_hash, [&](auto& out) {
                for (const auto& [key, value] : part) {
                    if (is_left(value)) {
                        out.template of<0>().emit(key, value);
                    } else {
                        out.template of<1>().emit(key, -static_cast<std::int64_t>(value.size()));
                    }
                }
                return part.size();
            });
        });
        using sides = std::pair<std::vector<std::string>, std::vector<std::int64_t>>;
        std::map<std::string, sides> expected;
        for (const auto& [key, value] : records) {
            if (is_left(value)) {
                expected[key].first.push_back(value);
            } else {
                expected[key].second.push_back(-static_cast<std::int64_t>(value.size()));
            }
        }
        std::map<std::string, sides> found;
        for_each_partition(files, [&](const reduce_assignment& what) {
            return reduce_joined<std::string, std::string, std::int64_t>(
                what, [&](std::string_view key, auto& left, auto& right) {
                    sides& all = found[std::string(key)];
                    for (const std::string& one : left) all.first.push_back(one);
                    std::size_t again = 0;
                    for (const std::string& one : left) EXPECT_EQ(one, all.first[again++]);
                    EXPECT_EQ(again, left.size());
                    if (key != "hot0") {  // a joiner may leave values
                        for (const std::int64_t one : right) all.second.push_back(one);
                    }
                });
        });
        if (expected.contains("hot0")) expected["hot0"].second.clear();
        ASSERT_EQ(found, expected) << "round " << round;
        for (const std::string& file : files) std::filesystem::remove(run_.run() / file);
    }
    EXPECT_GT(spills_, 0u);
}

TEST_F(shuffle_test, half_of_all_records_with_one_key_go_through_a_small_budget) {
    shape_ = {.partitions = 4, .split_bytes = 1, .memory_budget = 100'000};
    records_of<std::string, std::string> records;
    for (int i = 0; i < 30'000; ++i) {
        records.emplace_back(i % 2 == 0 ? "half of all" : "key" + std::to_string(i), std::string(40, 'v'));
    }
    std::uint64_t largest = 0;
    for_each_partition(shuffle_out<std::string, std::string>(records, shuffle<>{}), [&](const reduce_assignment& what) {
        return reduce_grouped<std::string, std::string>(what, no_order{}, [&](std::string_view, auto& values) {
            std::uint64_t count = 0;
            for (const std::string& one : values) count += one.size() / 40;
            largest = std::max(largest, count);
        });
    });
    EXPECT_EQ(largest, 15'000u);
    EXPECT_EQ(records_in_, 30'000u);
    EXPECT_GE(spills_, 10u) << "a partition of 700 kB does not fit 100 kB";
}

TEST_F(shuffle_test, two_attempts_at_one_split_have_the_same_checksum_and_another_split_another) {
    shape_ = {.partitions = 3, .split_bytes = 1, .memory_budget = 60'000};
    const auto checksum_of = [&](const records_of<std::string, std::string>& records) {
        return map_records<std::string, std::string>(assignment(0), shuffle<>{},
                                                     [&](auto& out) {
                                                         for (const auto& [key, value] : records) out.emit(key, value);
                                                         return records.size();
                                                     })
            .checksum;
    };
    auto records = some_records(500);
    const std::uint64_t first = checksum_of(records);
    EXPECT_EQ(checksum_of(records), first);
    records[250].second += 'x';
    EXPECT_NE(checksum_of(records), first);
}

}  // namespace
}  // namespace sheaf::detail
