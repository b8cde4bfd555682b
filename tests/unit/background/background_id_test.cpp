// Names of background jobs as texts.
#include "background/background_id.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace sheaf::test {
namespace {

using detail::background_id;
using detail::parse_background_id;
using testing::HasSubstr;

const background_id usual{"img.resize", 0x5be1d9c2a0f34e77, "H:ant:17", "jobs:4730"};

TEST(background_ids, an_id_is_one_word_that_says_where_the_job_is) {
    EXPECT_EQ(to_string(usual), "img.resize/5be1d9c2a0f34e77/H:ant:17/jobs:4730");
}

TEST(background_ids, what_was_written_is_read_whatever_handle_and_address_hold) {
    for (const background_id& one : {usual, background_id{"a", 0, "x", "unix:/run/sheaf.sock"},
                                     background_id{"a", 1, "H:odd/host 'name%:\xc3\xa4:1", "unix:/run/a b/$(x)/\x01"},
                                     background_id{"a", ~std::uint64_t{0}, std::string(63, '/'), "tls://[::1]:4730"}}) {
        const std::string text = to_string(one);
        EXPECT_EQ(text.find_first_of(" '\"\\$%&();<>|\x01\xc3", text.find("%") == text.npos ? 0 : text.size()),
                  text.npos);
        const auto read = parse_background_id(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(*read, one) << text;
    }
}

TEST(background_ids, a_text_that_is_no_id_is_refused_and_shown) {
    const std::string good = to_string(usual);
    const std::string start = "img.resize/5be1d9c2a0f34e77/";
    const std::vector<std::string> all{"",
                                       "H:ant:17",
                                       good.substr(0, good.rfind('/')),
                                       good.substr(0, good.size() - 9),
                                       "img resize" + good.substr(10),
                                       "img.resize/5be1d9c2/H:ant:17/jobs:4730",
                                       "img.resize/5be1d9c2a0f34e7g/H:ant:17/jobs:4730",
                                       start + "/jobs:4730",
                                       start + "H%2/jobs:4730",
                                       start + "H%00/jobs:4730",
                                       start + "H ant/jobs:4730",
                                       start + std::string(64, 'h') + "/jobs:4730",
                                       std::string(65, 'a') + "/5be1d9c2a0f34e77/H:1/jobs:4730",
                                       good + "\n"};
    for (const std::string& bad : all) {
        const auto read = parse_background_id(bad);
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().code, errc::malformed);
        EXPECT_THAT(read.error().message, HasSubstr("is not the id of a background job"));
    }
}

}  // namespace
}  // namespace sheaf::test
