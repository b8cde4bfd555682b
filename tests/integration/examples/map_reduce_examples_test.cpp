// The map/reduce examples beside plain programs, with one to eight workers, little memory and much, one partition and many.
#include <algorithm>
#include <cstring>
#include <random>

#include <gtest/gtest.h>

#include "integration/examples/map_reduce_place.hpp"
#include "integration/examples/plain_answers.hpp"

namespace sheaf::test {
namespace {

std::string random_text(std::mt19937_64& random, std::size_t lines) {
    std::string text;
    for (std::size_t i = 0; i < lines; ++i) {
        for (std::size_t words = random() % 12; words > 0; --words) {
            // Few words are common, many rare.
            text += "w" + std::to_string(random() >> (44 + random() % 20)) + (words > 1 ? " " : "");
        }
        text += '\n';
    }
    return text;
}

std::vector<std::string> sorted(std::vector<std::string> lines) {
    std::ranges::sort(lines);
    return lines;
}

std::vector<std::string> sorted_lines(std::string_view text) { return sorted(lines_of(text)); }

class map_reduce_examples : public testing::TestWithParam<run_shape> {
  protected:
    void run(const std::string& example, const std::vector<std::string>& arguments) {
        ASSERT_EQ(place.run(example, GetParam(), arguments), 0) << place.errors();
        EXPECT_TRUE(place.is_clean());
    }

    map_reduce_place place;
    std::mt19937_64 random{7};
};

TEST_P(map_reduce_examples, words_are_counted) {
    const std::string text = random_text(random, 30'000);
    run("wordcount", {place.add_input("text", text)});
    EXPECT_EQ(sorted_lines(place.output()), sorted(plain_word_counts(text)));
}

TEST_P(map_reduce_examples, lines_are_found_in_the_order_of_the_files) {
    const std::string first = random_text(random, 9'000);
    const std::string second = random_text(random, 5'000) + "a last line with w12 and no newline";
    const std::string a = place.add_input("a", first);
    const std::string b = place.add_input("b", second);
    run("grep", {"--pattern", "w12", a, b});
    EXPECT_EQ(lines_of(place.output()), plain_grep(first + second, "w12"));
}

TEST_P(map_reduce_examples, records_are_sorted_with_equal_ones_in_their_order) {
    std::string records;
    for (unsigned i = 0; i < 20'000; ++i) {
        std::string record = std::to_string(random() % 5'000) + std::string(100, ' ');
        record.resize(90);
        std::string number = std::to_string(i);
        records += record + std::string(10 - number.size(), '0') + number;
    }
    run("recordsort", {place.add_input("records", records)});
    EXPECT_TRUE(place.output() == plain_sort(records));
}

TEST_P(map_reduce_examples, an_index_of_documents_has_each_once) {
    std::string documents;
    unsigned number = 0;
    for (const std::string& line : lines_of(random_text(random, 4'000))) {
        documents += std::to_string(number += 1 + static_cast<unsigned>(random() % 9)) + "\t" + line + "\n";
    }
    run("invertedindex", {"--numbered", place.add_input("documents", documents)});
    EXPECT_EQ(sorted_lines(place.output()), sorted(plain_document_index(documents)));
}

TEST_P(map_reduce_examples, an_index_of_names_says_which_files_have_them) {
    std::map<std::string, std::string> files;
    for (int i = 0; i < 40; ++i) {
        const std::string text =
            "int f" + std::to_string(random() % 50) + "(x_1, 2y, 0x3F);\n" + random_text(random, 20);
        files[place.add_input("src/" + std::to_string(i) + ".cpp", text)] = text;
    }
    run("invertedindex", {place.path("src")});
    EXPECT_EQ(sorted_lines(place.output()), sorted(plain_name_index(files)));
}

TEST_P(map_reduce_examples, orders_meet_their_customers) {
    std::string customers = "id,name,country\n";
    for (int i = 0; i < 3'000; ++i)
        customers += std::to_string(i * 2) + ",name" + std::to_string(i) + ",c" + std::to_string(i % 9) + "\n";
    std::string orders = "number,customer,amount\n";
    for (int i = 0; i < 9'000; ++i)
        orders +=
            std::to_string(i) + "," + std::to_string(random() % 7'000) + "," + std::to_string(random() % 100) + ".5\n";
    run("join", {"--customers", place.add_input("customers.csv", customers), "--orders",
                 place.add_input("orders.csv", orders)});
    std::vector<std::string> joined = sorted_lines(place.output());
    std::erase(joined, "order,name,country,amount");
    EXPECT_EQ(joined, sorted(plain_join(customers, orders)));
}

TEST_P(map_reduce_examples, ranks_are_passed_on_for_some_rounds) {
    std::string links;
    for (int i = 0; i < 8'000; ++i)
        links += std::to_string(random() % 900) + " " + std::to_string(random() % 1'000) + "\n";
    run("pagerank", {"--rounds", "3", place.add_input("links", links)});
    const auto expected = plain_ranks(links, 3);
    const auto lines = lines_of(place.output());
    ASSERT_EQ(lines.size(), expected.size());
    for (const std::string& line : lines) {
        const std::size_t tab = line.find('\t');
        const auto page = static_cast<std::uint32_t>(std::stoul(line.substr(0, tab)));
        ASSERT_TRUE(expected.contains(page)) << line;
        EXPECT_NEAR(std::stod(line.substr(tab + 1)), expected.at(page), 1e-6) << line;
    }
}

TEST_P(map_reduce_examples, measurements_are_summarized) {
    std::string measurements;
    for (int i = 0; i < 60'000; ++i) {
        char record[16] = {};
        const auto sensor = static_cast<std::uint32_t>(random() % 700);
        const auto hour = static_cast<std::uint16_t>(random() % 24);
        const double value = static_cast<double>(random() % 8'000) / 8;
        std::memcpy(record, &sensor, 4);
        std::memcpy(record + 4, &hour, 2);
        std::memcpy(record + 8, &value, 8);
        measurements.append(record, sizeof record);
    }
    run("readings", {place.add_input("measurements", measurements)});
    EXPECT_EQ(sorted_lines(place.output()), sorted(plain_summaries(measurements)));
}

INSTANTIATE_TEST_SUITE_P(shapes, map_reduce_examples,
                         testing::Values(run_shape{.workers = 1, .memory = "16M", .partitions = 1},
                                         run_shape{.workers = 2, .memory = "64K", .partitions = 3, .split = "17777"},
                                         run_shape{.workers = 3, .memory = "1G", .partitions = 64, .split = "200K"},
                                         run_shape{
                                             .workers = 8, .memory = "256M", .partitions = 7, .flags = {"--verify"}}),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace sheaf::test
