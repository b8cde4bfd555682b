#include "integration/examples/example_cases.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "integration/examples/plain_answers.hpp"

namespace sheaf::test {
namespace {

constexpr unsigned seed = 7;

// Few words are common, many rare.
std::string random_text(std::mt19937_64& random, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) {
        for (std::size_t words = random() % 12; words > 0; --words) {
            text += "w" + std::to_string(random() >> (40 + random() % 24)) + (words > 1 ? " " : "");
        }
        text += '\n';
    }
    return text;
}

void expect_same(const std::vector<std::string>& lines, const std::vector<std::string>& expected) {
    EXPECT_EQ(lines.size(), expected.size());
    const auto [at, should] = std::ranges::mismatch(lines, expected);
    if (at != lines.end()) ADD_FAILURE() << "there is: " << at->substr(0, 200);
    if (should != expected.end()) ADD_FAILURE() << "should be: " << should->substr(0, 200);
}

// Partitions have the lines in another order than a plain program; `head` is a line that each of them begins with.
std::function<void(const std::string&)> expect_lines(std::vector<std::string> expected, std::string head = {}) {
    std::ranges::sort(expected);
    return [expected = std::move(expected), head = std::move(head)](const std::string& output) {
        std::vector<std::string> lines = lines_of(output);
        if (!head.empty()) std::erase(lines, head);
        std::ranges::sort(lines);
        expect_same(lines, expected);
    };
}

std::function<void(const std::string&)> expect_text(std::string expected) {
    return [expected = std::move(expected)](const std::string& output) {
        EXPECT_EQ(output.size(), expected.size());
        const auto at = std::ranges::mismatch(output, expected).in1 - output.begin();
        if (output != expected) ADD_FAILURE() << "it differs from byte " << at << " on";
    };
}

void expect_ranks(const std::string& output, const std::map<std::uint32_t, double>& expected) {
    const auto lines = lines_of(output);
    ASSERT_EQ(lines.size(), expected.size());
    for (const std::string& line : lines) {
        const std::size_t tab = line.find('\t');
        const auto page = static_cast<std::uint32_t>(std::stoul(line.substr(0, tab)));
        ASSERT_TRUE(expected.contains(page)) << line;
        ASSERT_NEAR(std::stod(line.substr(tab + 1)), expected.at(page), 1e-6) << line;
    }
}

}  // namespace

example_case case_of_words(const scratch_directory& inputs, std::size_t bytes) {
    std::mt19937_64 random(seed);
    const std::string text = random_text(random, bytes);
    return {.program = "examples/wordcount",
            .arguments = {write_file(inputs / "text", text)},
            .expect = expect_lines(plain_word_counts(text)),
            .uncombined = "tests/uncombined_words"};
}

example_case case_of_lines(const scratch_directory& inputs, std::size_t bytes) {
    std::mt19937_64 random(seed);
    const std::string first = random_text(random, bytes * 2 / 3);
    const std::string second = random_text(random, bytes / 3) + "a last line with w12 and no newline";
    std::string expected;
    for (const std::string& line : plain_grep(first + second, "w12")) expected += line + '\n';
    return {.program = "examples/grep",
            .arguments = {"--pattern", "w12", write_file(inputs / "a", first), write_file(inputs / "b", second)},
            .expect = expect_text(std::move(expected))};
}

example_case case_of_records(const scratch_directory& inputs, std::size_t bytes) {
    std::mt19937_64 random(seed);
    std::string records;
    for (unsigned i = 0; records.size() < bytes; ++i) {
        std::string record = std::to_string(random() % (bytes / 400)) + std::string(100, ' ');
        record.resize(90);
        const std::string number = std::to_string(i);
        records += record + std::string(10 - number.size(), '0') + number;
    }
    return {.program = "examples/recordsort",
            .arguments = {write_file(inputs / "records", records)},
            .expect = expect_text(plain_sort(records))};
}

example_case case_of_documents(const scratch_directory& inputs, std::size_t bytes) {
    std::mt19937_64 random(seed);
    std::string documents;
    unsigned number = 0;
    for (const std::string& line : lines_of(random_text(random, bytes))) {
        documents += std::to_string(number += 1 + static_cast<unsigned>(random() % 9)) + "\t" + line + "\n";
    }
    return {.program = "examples/invertedindex",
            .arguments = {"--numbered", write_file(inputs / "documents", documents)},
            .expect = expect_lines(plain_document_index(documents))};
}

example_case case_of_names(const scratch_directory& inputs, std::size_t bytes) {
    std::mt19937_64 random(seed);
    std::map<std::string, std::string> files;
    for (int i = 0; i < 40; ++i) {
        const std::string text =
            "int f" + std::to_string(random() % 50) + "(x_1, 2y, 0x3F);\n" + random_text(random, bytes / 160);
        files[write_file(inputs / "src" / (std::to_string(i) + ".cpp"), text)] = text;
    }
    return {.program = "examples/invertedindex",
            .arguments = {inputs / "src"},
            .expect = expect_lines(plain_name_index(files))};
}

example_case case_of_orders(const scratch_directory& inputs, std::size_t bytes) {
    std::mt19937_64 random(seed);
    const std::size_t known = bytes / 60;
    std::string customers = "id,name,country\n";
    for (std::size_t i = 0; i < known; ++i)
        customers += std::to_string(i * 2) + ",name" + std::to_string(i) + ",c" + std::to_string(i % 9) + "\n";
    std::string orders = "number,customer,amount\n";
    for (std::size_t i = 0; orders.size() < bytes * 2 / 3; ++i) {
        orders += std::to_string(i) + "," + std::to_string(random() % (known * 7 / 3)) + "," +
                  std::to_string(random() % 100) + ".5\n";
    }
    return {.program = "examples/join",
            .arguments = {"--customers", write_file(inputs / "customers.csv", customers), "--orders",
                          write_file(inputs / "orders.csv", orders)},
            .expect = expect_lines(plain_join(customers, orders), "order,name,country,amount")};
}

example_case case_of_links(const scratch_directory& inputs, std::size_t bytes) {
    std::mt19937_64 random(seed);
    const std::size_t pages = 100 + bytes / 300;
    std::string links;
    while (links.size() < bytes / 3)
        links += std::to_string(random() % (pages * 9 / 10)) + " " + std::to_string(random() % pages) + "\n";
    return {
        .program = "examples/pagerank",
        .arguments = {"--rounds", "3", write_file(inputs / "links", links)},
        .expect = [expected = plain_ranks(links, 3)](const std::string& output) { expect_ranks(output, expected); }};
}

example_case case_of_measurements(const scratch_directory& inputs, std::size_t bytes) {
    std::mt19937_64 random(seed);
    std::string measurements;
    while (measurements.size() < bytes) {
        char record[16] = {};
        const auto sensor = static_cast<std::uint32_t>(random() % (1 + bytes / 1000));
        const auto hour = static_cast<std::uint16_t>(random() % 24);
        const double value = static_cast<double>(random() % 8'000) / 8;  // sums are exact, in any order
        std::memcpy(record, &sensor, 4);
        std::memcpy(record + 4, &hour, 2);
        std::memcpy(record + 8, &value, 8);
        measurements.append(record, sizeof record);
    }
    return {.program = "examples/readings",
            .arguments = {write_file(inputs / "measurements", measurements)},
            .expect = expect_lines(plain_summaries(measurements)),
            .uncombined = "tests/uncombined_readings"};
}

}  // namespace sheaf::test
