// Pipes whose writing ends are held by the test, as workers hold them.
#include "cluster/output_relay.hpp"

#include <fcntl.h>
#include <poll.h>
#include <string_view>
#include <sys/mman.h>

#include <gmock/gmock.h>

#include "support/deadline.hpp"

namespace sheaf::detail {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void write_to(const unique_fd& descriptor, std::string_view text) {
    ASSERT_EQ(::write(descriptor.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

class relay : public ::testing::Test {
  protected:
    [[nodiscard]] std::string passed_on() const {
        std::string text(std::size_t{1} << 20, '\0');
        const ssize_t size = ::pread(to.get(), text.data(), text.size(), 0);
        return text.substr(0, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    }

    unique_fd to{::memfd_create("errors", MFD_CLOEXEC)};
};

TEST_F(relay, passes_on_what_several_write_and_knows_what_each_wrote_last) {
    output_relay output(to.get());
    const unique_fd one = output.open(0);
    const unique_fd other = output.open(1);
    write_to(one, "one begins\n");
    output.flush(test::patience);
    write_to(other, "the other begins\n");
    output.flush(test::patience);
    write_to(one, "one ends\n");
    EXPECT_THAT(output.close(0), ElementsAre("one begins", "one ends"));
    EXPECT_THAT(output.close(1), ElementsAre("the other begins"));
    output.flush(test::patience);
    EXPECT_EQ(passed_on(), "one begins\nthe other begins\none ends\n");
}

TEST_F(relay, a_successor_in_a_place_begins_with_nothing) {
    output_relay output(to.get());
    {
        const unique_fd first = output.open(0);
        write_to(first, "first\n");
    }
    EXPECT_THAT(output.close(0), ElementsAre("first"));
    EXPECT_THAT(output.close(0), IsEmpty());
    const unique_fd second = output.open(0);
    EXPECT_THAT(output.close(0), IsEmpty());
}

TEST_F(relay, what_the_children_of_an_ended_process_write_is_passed_on) {
    unique_fd grandchild;
    {
        output_relay output(to.get());
        grandchild = output.open(0);
        EXPECT_THAT(output.close(0), IsEmpty());
        write_to(grandchild, "still here\n");
    }
    EXPECT_EQ(passed_on(), "still here\n");
}

TEST_F(relay, who_writes_goes_on_when_nobody_reads_us) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    unique_fd reader(ends[0]);
    const unique_fd closed(ends[1]);
    reader.reset();
    output_relay output(closed.get());
    const unique_fd worker = output.open(0);
    for (int i = 0; i < 100; ++i) write_to(worker, std::string(4096, 'x'));  // more than a pipe holds
    write_to(worker, "\nlast\n");
    EXPECT_EQ(output.close(0).back(), "last");
}

TEST_F(relay, whoever_stops_reading_us_does_not_keep_us_from_knowing_what_was_last) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    unique_fd reader(ends[0]);
    const unique_fd full(ends[1]);
    {
        output_relay output(full.get());
        for (std::size_t place = 0; place < 3; ++place) {
            const unique_fd worker = output.open(place);
            write_to(worker, std::string(65'000, 'x') + "\nlast\n");
            EXPECT_EQ(output.close(place).back(), "last");
        }
        output.flush(std::chrono::milliseconds(1));
        reader.reset();  // else it would wait for ever, as it should
    }
}

}  // namespace
}  // namespace sheaf::detail
