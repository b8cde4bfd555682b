// Careful attempts: what a mapper or reducer throws leaves its record or group out, without a trace, and nothing else does.
#include <cstdint>
#include <new>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/exchange/run_fixture.hpp"
#include <sheaf/detail/reduce_step.hpp>
#include <sheaf/runtime/error.hpp>

namespace sheaf::detail {
namespace {

using testing::ElementsAre;
using testing::Pair;

class listing_sink final : public record_sink<std::string_view> {
  public:
    [[nodiscard]] short_batch<std::string_view>& batch() override { return batch_; }
    void take_batch() override {}
    void take(std::string_view key, std::string_view&& value) override {
        if (value == "unwanted") throw std::bad_alloc();
        taken.emplace_back(std::string(key) + "=" + std::string(value));
    }
    std::vector<std::string> taken;

  private:
    short_batch<std::string_view> batch_{};
};

struct careful_attempts : testing::Test {
    // Calls map(line, out) for each line of `text`, and lists where those are that are left out.
    template <class Out, class Map>
    std::vector<std::uint64_t> map_lines(const std::string& text, Out& out, Map map) {
        const map_assignment what = run.assignment({test::run_fixture::whole(run.add_input(text))}, {});
        std::vector<std::uint64_t> left_out;
        map_carefully<text_split>(
            what, {}, out,
            [&](const text_split& in, auto& to) {
                for (const std::string_view line : in.lines()) map(line, to);
            },
            [&](const record_place& place) { left_out.push_back(place.offset); });
        return left_out;
    }
    test::run_fixture run;
};

TEST_F(careful_attempts, leave_nothing_of_a_record_for_which_the_mapper_throws) {
    listing_sink sink;
    emitter<std::string, std::string> out(sink);
    const auto left_out = map_lines("a\nbad\nc\n", out, [](std::string_view line, auto& to) {
        to.emit(line, "1");
        to.count("lines");
        if (line == "bad") throw std::runtime_error("no line");
        to.emit(line, "2");
    });
    EXPECT_THAT(left_out, ElementsAre(2));
    EXPECT_THAT(sink.taken, ElementsAre("a=1", "a=2", "c=1", "c=2"));
    EXPECT_THAT(out.finish(), ElementsAre(Pair("lines", 2)));
}

TEST_F(careful_attempts, blame_no_record_for_what_happens_where_it_goes) {
    listing_sink sink;
    emitter<std::string, std::string> out(sink);
    EXPECT_THROW((void)map_lines("a\nunwanted\n", out, [](std::string_view line, auto& to) { to.emit(line, line); }),
                 std::bad_alloc);
}

TEST_F(careful_attempts, write_text_as_it_comes) {
    output_file file(run.output(), "out");
    text_out out(file);
    const auto left_out = map_lines("a\nb\nc\nd\n", out, [](std::string_view line, std::string& to) {
        EXPECT_EQ(to.size(), 0U) << "before " << line;
        to.append(500'000, line.front());
        if (line == "c") throw std::runtime_error("no line");
    });
    EXPECT_THAT(left_out, ElementsAre(4));
    EXPECT_EQ(test::read_file(run.output() / file.commit()),
              std::string(500'000, 'a') + std::string(500'000, 'b') + std::string(500'000, 'd'));
}

TEST_F(careful_attempts, take_the_end_of_an_attempt_for_no_bad_group) {
    reduce_assignment what;
    what.careful = true;
    what.bad_records_max = 10;
    output_file file(run.output(), "out");
    std::stop_source stop;
    const std::stop_token token = stop.get_token();
    group_guard guard(what, file, token);
    guard(std::string_view("bad"), [] { throw std::runtime_error("a bad group"); });
    EXPECT_EQ(guard.bad().size(), 1U);
    stop.request_stop();
    EXPECT_THROW(guard(std::string_view("good"), [&] { check_stop(token); }), runtime_failure);
    EXPECT_EQ(guard.bad().size(), 1U);
}

}  // namespace
}  // namespace sheaf::detail
