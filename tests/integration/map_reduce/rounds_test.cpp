// Jobs over several inputs, over what other jobs have kept, and with side data.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "in_process.hpp"
#include <sheaf/failure.hpp>

namespace sheaf::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using customer = std::string;
struct order {
    std::string what;
    double price = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(what, price);
    }
};

inline constexpr map_reduce<"orders", int, join_of<customer, order>> orders{};
inline constexpr map_reduce<"cogroup", int, join_of<std::string, int>> cogroup{};

// Customers "1,Ann" and orders "1,book,9.5".
std::pair<int, customer> read_customer(const csv_row& row) {
    return {std::stoi(std::string(row["id"])), std::string(row["name"])};
}
void read_order(const csv_row& row, emitter<int, order>& out) {
    out.emit(std::stoi(std::string(row["id"])), {std::string(row["what"]), std::stod(std::string(row["price"]))});
}

struct map_reduce_joins : in_process {
    std::vector<input> both() {
        return {csv_files({input_file("customers", "id,name\n1,Ann\n2,Bob\n3,Cyd\n")}),
                csv_files({input_file("orders", "id,what,price\n2,pen,1\n1,book,9.5\n1,ink,3\n9,cup,4\n2,pad,2\n")})};
    }
};

TEST_F(map_reduce_joins, pair_what_two_inputs_have_for_a_key) {
    jobs.bind(orders, map_each(read_customer)
                          .and_map_each(read_order)
                          .join_with(inner_join([](int id, const customer& name, const order& one, std::string& out) {
                              out += std::to_string(id) + ' ' + name + ' ' + one.what + '\n';
                          })));
    cluster on = jobs.inproc();
    const auto report = orders.run(on, {.inputs = both(), .output = output(), .partitions = 2, .split_bytes = 10});
    EXPECT_THAT(sorted_lines(report), ElementsAre("1 Ann book", "1 Ann ink", "2 Bob pad", "2 Bob pen"));
}

TEST_F(map_reduce_joins, may_see_keys_that_only_one_input_has_and_give_typed_records) {
    jobs.bind(orders,
              map_each(read_customer)
                  .and_map_each(read_order)
                  .join_to<int, std::pair<std::string, double>>(
                      [](int id, const auto& left, auto& right, emitter<int, std::pair<std::string, double>>& out) {
                          std::pair<std::string, double> sum("nobody", 0);
                          for (const customer& name : left) sum.first = name;
                          for (const order& one : right) sum.second += one.price;
                          out.emit(id, sum);
                      }));
    cluster on = jobs.inproc();
    std::map<int, std::pair<std::string, double>> sums;
    (void)orders.run(on, {.inputs = both(), .output = into(sums)});
    EXPECT_EQ(sums, (std::map<int, std::pair<std::string, double>>{
                        {1, {"Ann", 12.5}}, {2, {"Bob", 3}}, {3, {"Cyd", 0}}, {9, {"nobody", 4}}}));
}

TEST_F(map_reduce_joins, of_random_inputs_are_those_of_two_loops) {
    jobs.bind(cogroup, map_each([](const std::pair<std::string_view, int>& one) {
                           return std::pair(one.second, std::string(one.first));
                       }).and_map_each([](const std::pair<int, int>& one) {
                             return one;
                         }).join_to<std::string, int>([](int, const auto& left, auto& right, auto& out) {
        for (const int one : right) {
            for (const std::string& other : left) out.emit(other, one);
        }
    }));
    std::mt19937 random(std::random_device{}());
    std::vector<std::pair<std::string, int>> left;
    std::vector<std::pair<int, int>> right;
    for (int i = 0; i < 300; ++i) left.emplace_back("left " + std::to_string(i), static_cast<int>(random() % 40));
    // One key has most of it, more than the budget keeps in memory.
    for (int i = 0; i < 300; ++i) right.emplace_back(i % 3 != 0 ? 7 : static_cast<int>(random() % 40), i);
    std::multiset<std::pair<std::string, int>> expected;
    for (const auto& [name, key] : left) {
        for (const auto& [other, value] : right) {
            if (key == other) expected.emplace(name, value);
        }
    }
    cluster on = jobs.inproc();
    std::vector<std::pair<std::string, int>> found;
    (void)cogroup.run(
        on, {.inputs = {values(left), values(right)}, .output = into(found), .partitions = 3, .memory = 1 << 16});
    EXPECT_EQ(std::multiset(found.begin(), found.end()), expected);
}

TEST_F(map_reduce_joins, need_an_input_for_each_mapper) {
    jobs.bind(orders, map_each(read_customer)
                          .and_map_each(read_order)
                          .join_with(inner_join([](int, const auto&, const auto&, std::string&) {})));
    cluster on = jobs.inproc();
    try {
        (void)orders.run(on, {.input = both().front(), .output = output()});
        ADD_FAILURE() << "it ran";
    } catch (const run_failed& why) {
        EXPECT_STREQ(why.what(),
                     "the job has 2 mappers, and the run was given 1 input: name one for each, in their order, as "
                     ".inputs = {...}");
    }
}

struct page {
    double rank = 1;
    std::vector<std::uint32_t> links;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(rank, links);
    }
};
inline constexpr map_reduce<"links", std::uint32_t, std::uint32_t> read_links{};
inline constexpr map_reduce<"ranks", std::uint32_t, page> spread{};

using graph = std::map<std::uint32_t, std::vector<std::uint32_t>>;

std::map<std::uint32_t, double> ranks_by_loops(const graph& links, int rounds) {
    std::map<std::uint32_t, double> ranks;
    for (const auto& [from, to] : links) ranks[from] = 1;
    for (int i = 0; i < rounds; ++i) {
        std::map<std::uint32_t, double> next;
        for (const auto& [from, to] : links) next[from] = 0.15;
        for (const auto& [from, to] : links) {
            for (const std::uint32_t one : to) next[one] += 0.85 * ranks[from] / static_cast<double>(to.size());
        }
        ranks = next;
    }
    return ranks;
}

struct map_reduce_rounds : in_process {};

TEST_F(map_reduce_rounds, read_what_the_round_before_has_kept) {
    jobs.bind(read_links, map_each([](std::string_view line) {
                              const auto blank = line.find(' ');
                              return std::pair(
                                  static_cast<std::uint32_t>(std::stoul(std::string(line.substr(0, blank)))),
                                  static_cast<std::uint32_t>(std::stoul(std::string(line.substr(blank)))));
                          }).reduce_to<std::uint32_t, page>([](std::uint32_t from, auto& to, auto& out) {
        page made;
        for (const std::uint32_t one : to) made.links.push_back(one);
        out.emit(from, std::move(made));
    }));
    // A page's own links travel with a rank of 0; what it gives to others with no links.
    jobs.bind(spread, map_with([](const pair_split<std::uint32_t, page>& in, emitter<std::uint32_t, page>& out) {
                          for (const auto& [from, one] : in.records()) {
                              out.emit(from, {0, one.links});
                              for (const std::uint32_t to : one.links) {
                                  out.emit(to, {one.rank / static_cast<double>(one.links.size()), {}});
                              }
                          }
                      }).reduce_to<std::uint32_t, page>([](std::uint32_t id, auto& parts, auto& out) {
        page made{0.15, {}};
        for (const page& part : parts) {
            made.rank += 0.85 * part.rank;
            if (!part.links.empty()) made.links = part.links;
        }
        out.emit(id, std::move(made));
    }));
    graph links;
    std::string text;
    std::mt19937 random(7);
    for (std::uint32_t from = 0; from < 50; ++from) {
        for (unsigned i = 0; i < 1 + from % 5; ++i) {
            links[from].push_back(static_cast<std::uint32_t>(random() % 50));
            text += std::to_string(from) + ' ' + std::to_string(links[from].back()) + '\n';
        }
    }
    cluster on = jobs.inproc();
    std::map<std::uint32_t, page> last;
    {
        dataset ranks =
            read_links.run(on, {.input = text_files({input_file("in", text)}), .output = kept(), .partitions = 3})
                .dataset;
        EXPECT_EQ(ranks.size(), 3U);
        EXPECT_GT(ranks.bytes(), 0U);
        for (int round = 0; round < 3; ++round) {
            ranks = spread.run(on, {.input = ranks, .output = kept(), .partitions = 2}).dataset;
            EXPECT_EQ(leftovers(), 1U) << "a round keeps its result, and nothing else";
        }
        (void)spread.run(on, {.input = ranks, .output = into(last)});
    }
    EXPECT_EQ(leftovers(), 0U);
    const auto expected = ranks_by_loops(links, 4);
    ASSERT_EQ(last.size(), expected.size());
    for (const auto& [id, rank] : expected) EXPECT_NEAR(last[id].rank, rank, 1e-9) << id;
}

TEST_F(map_reduce_rounds, of_another_type_are_refused_with_both) {
    jobs.bind(read_links, map_each([](std::string_view) { return std::pair(1U, 2U); }).combine_with(std::plus<>{}));
    jobs.bind(spread, map_with([](const pair_split<std::uint32_t, page>&, emitter<std::uint32_t, page>&) {
                      }).combine_with([](page a, const page&) { return a; }));
    cluster on = jobs.inproc();
    const dataset numbers =
        read_links.run(on, {.input = text_files({input_file("in", "a\n")}), .output = kept()}).dataset;
    std::map<std::uint32_t, page> result;
    try {
        (void)spread.run(on, {.input = numbers, .output = into(result)});
        ADD_FAILURE() << "it ran";
    } catch (const run_failed& why) {
        EXPECT_THAT(why.what(), HasSubstr("(u4,u4)"));
    }
    std::map<std::string, int> wrong;
    try {
        (void)read_links.run(on, {.input = text_files({place / "in"}), .output = into(wrong)});
        ADD_FAILURE() << "it ran";
    } catch (const run_failed& why) {
        EXPECT_THAT(why.what(), HasSubstr("the job gives keys and values of (u4,u4), but the output takes (s,i4)"));
    }
}

std::atomic<int> tables_decoded{0};
struct price_table {
    std::map<std::string, double> prices;
    template <class Archive>
    void save(Archive& archive) const {
        archive(prices);
    }
    template <class Archive>
    void load(Archive& archive) {
        ++tables_decoded;
        archive(prices);
    }
};
inline constexpr map_reduce<"turnover", std::string, double> turnover{};

struct map_reduce_side_data : in_process {};

TEST_F(map_reduce_side_data, reaches_mappers_filters_and_reducers_and_is_decoded_once_in_a_process) {
    jobs.bind(turnover,
              map_each([](std::string_view thing, const price_table& table) {
                  return std::pair(thing, table.prices.at(std::string(thing)));
              })
                  .filter_with([](std::string_view thing, const price_table& table) {
                      return table.prices.contains(std::string(thing));
                  })
                  .with_side_data<price_table>()
                  .reduce_with([](std::string_view thing, auto& values, std::string& out, const price_table& table) {
                      double sum = 0;
                      for (const double one : values) sum += one;
                      out.append(thing).append(" ").append(std::to_string(sum / table.prices.at(std::string(thing))));
                      out += '\n';
                  }));
    cluster on = jobs.inproc();
    const price_table table{{{"pen", 2}, {"cup", 3}}};
    const auto text = text_files({input_file("in", "pen\ncup\nhat\npen\npen\ncup\n")});
    tables_decoded = 0;
    const auto report =
        turnover.run(on, {.input = text, .output = output(), .side = table, .partitions = 3, .split_bytes = 4});
    EXPECT_THAT(sorted_lines(report), ElementsAre("cup 2.000000", "pen 3.000000"));
    EXPECT_EQ(tables_decoded, 1);
    (void)turnover.run(on, {.input = text, .output = output("again"), .side = table});
    EXPECT_EQ(tables_decoded, 2) << "another run may have another table";
    EXPECT_THROW((void)turnover.run(on, {.input = text, .output = output("third")}), run_failed) << "none was given";
    EXPECT_THROW((void)turnover.run(on, {.input = text, .output = output("third"), .side = 5}), run_failed)
        << "it is of another type";
}

}  // namespace
}  // namespace sheaf::test
