// The same conversations with gearmand and with sheafd, byte by byte: the answers are equal, but for handles and for what is listed
// in docs/protocol.md.
#include <filesystem>
#include <fnmatch.h>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "integration/cluster/gearmand_process.hpp"
#include "player.hpp"
#include "script.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {
namespace {

using answers = std::vector<std::string>;

const std::string sources = SHEAF_SOURCE_DIR;

std::vector<script> all_scripts() {
    std::vector<std::string> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(sources + "/tests/integration/conversations/scripts")) {
        files.push_back(entry.path().string());
    }
    std::ranges::sort(files);
    std::vector<script> all;
    for (const std::string& file : files) std::ranges::move(read_scripts(file), std::back_inserter(all));
    return all;
}

std::string describe(const step& which) {
    return "line " + std::to_string(which.line_number) + ": " + which.peer + ' ' + which.packet + ' ' + which.text;
}

bool matches(const answers& wanted, const answers& heard) {
    return std::ranges::equal(wanted, heard, [](const std::string& pattern, const std::string& text) {
        return ::fnmatch(pattern.c_str(), text.c_str(), FNM_NOESCAPE) == 0;
    });
}

std::string text_of(const answers& heard) {
    std::string text;
    for (const std::string& one : heard) text += "\n        " + one;
    return text.empty() ? " nothing" : text;
}

void expect_answers(const char* server, const answers& wanted, const answers& heard) {
    EXPECT_TRUE(matches(wanted, heard)) << server << " says" << text_of(heard) << "\n    instead of" << text_of(wanted);
}

void play_to_sheafd(const script& talk) {
    const sheafd_process ours(talk.options);
    player with_ours(ours.where());
    for (const step& next : talk.steps) {
        SCOPED_TRACE(describe(next));
        expect_answers("sheafd", next.sheafd, with_ours.play(next));
    }
}

void play_to_both(const script& talk) {
    const gearmand_process stock(talk.options);
    const sheafd_process ours(talk.options);
    player with_stock(stock.where());
    player with_ours(ours.where());
    for (const step& next : talk.steps) {
        SCOPED_TRACE(describe(next));
        const answers stock_says = with_stock.play(next);
        const answers we_say = with_ours.play(next);
        if (next.why.empty()) {
            EXPECT_EQ(we_say, stock_says);
        } else {
            expect_answers("gearmand", next.gearmand, stock_says);
            expect_answers("sheafd", next.sheafd, we_say);
        }
    }
}

class conversations : public ::testing::TestWithParam<script> {};

TEST_P(conversations, are_the_same_with_both_servers_but_for_what_is_meant_to_differ) {
    GetParam().only_sheafd ? play_to_sheafd(GetParam()) : play_to_both(GetParam());
}

std::string name_of(const ::testing::TestParamInfo<script>& info) {
    std::string name = info.param.title;
    std::ranges::replace_if(
        name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(with, conversations, ::testing::ValuesIn(all_scripts()), name_of);

TEST(deviations, each_one_that_a_conversation_shows_has_a_row_with_its_reason) {
    std::ifstream file(sources + "/docs/protocol.md");
    const std::string document{std::istreambuf_iterator<char>(file), {}};
    for (const script& talk : all_scripts()) {
        for (const step& one : talk.steps) {
            if (one.why.empty()) continue;
            EXPECT_NE(document.find("\n| " + one.why + " | "), std::string::npos)
                << talk.title << ", " << describe(one);
        }
    }
}

}  // namespace
}  // namespace sheaf::test
