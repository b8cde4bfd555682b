#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/scratch_directory.hpp"
#include <sheaf/detail/read_output.hpp>
#include <sheaf/map_reduce_options.hpp>

namespace {

using sheaf::errc;
using sheaf::map_reduce_report;
using sheaf::run_failed;
using sheaf::detail::for_each_result;

class read_output : public testing::Test {
  protected:
    map_reduce_report with(std::vector<std::string> parts) {
        map_reduce_report report;
        report.output = where_.path().string();
        for (const std::string& text : parts) {
            report.files.push_back("part-" + std::to_string(report.files.size()));
            std::ofstream(report.output + "/" + report.files.back(), std::ios::binary) << text;
        }
        return report;
    }

    template <class K, class V>
    std::vector<std::pair<K, V>> all(const map_reduce_report& report) {
        std::vector<std::pair<K, V>> seen;
        auto keep = [&seen](const auto& key, const auto& value) { seen.emplace_back(key, value); };
        for_each_result<K, V>(report, keep);
        return seen;
    }

    sheaf::test::scratch_directory where_;
};

TEST_F(read_output, gives_all_keys_and_values_of_all_files) {
    using pairs = std::vector<std::pair<std::string, std::uint64_t>>;
    EXPECT_EQ((all<std::string, std::uint64_t>(with({"a\t1\nb\t18446744073709551615\n", "", "c\t3\n"}))),
              (pairs{{"a", 1}, {"b", ~std::uint64_t{0}}, {"c", 3}}));
}

TEST_F(read_output, a_tab_belongs_to_whichever_of_key_and_value_is_text) {
    EXPECT_EQ((all<std::string, int>(with({"a\tb\t-1\n"}))), (std::vector<std::pair<std::string, int>>{{"a\tb", -1}}));
    EXPECT_EQ((all<int, std::string>(with({"7\tb\tc\n"}))), (std::vector<std::pair<int, std::string>>{{7, "b\tc"}}));
    EXPECT_EQ((all<double, bool>(with({"0.5\t1\n"}))), (std::vector<std::pair<double, bool>>{{0.5, true}}));
}

TEST_F(read_output, a_line_that_is_something_else_is_named) {
    for (const char* const line : {"a\tone\n", "a 1\n", "a\t1 \n", "\n"}) {
        try {
            (void)all<std::string, int>(with({"a\t1\n" + std::string(line)}));
            ADD_FAILURE() << line;
        } catch (const run_failed& why) {
            EXPECT_EQ(why.code(), errc::malformed);
            EXPECT_NE(std::string(why.what()).find("part-0, line 2: not a key, a tab and a value"), std::string::npos);
        }
    }
}

TEST_F(read_output, a_single_file_is_read_like_its_parts) {
    map_reduce_report report = with({"a\t1\nb\t2\n"});
    report.output += "/" + report.files.front();
    report.files = {std::filesystem::path(report.output).filename().string()};
    EXPECT_EQ((all<std::string, int>(report)), (std::vector<std::pair<std::string, int>>{{"a", 1}, {"b", 2}}));
}

TEST_F(read_output, a_file_that_is_gone_is_an_error) {
    map_reduce_report report = with({"a\t1\n"});
    report.files.push_back("part-1");
    EXPECT_THROW((void)(all<std::string, int>(report)), run_failed);
}

}  // namespace
