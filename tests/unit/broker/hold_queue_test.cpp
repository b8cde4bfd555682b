// Acknowledgements that wait, in numbers that make the queue reuse its memory.
#include "broker/hold_queue.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "support/packet_bytes.hpp"

namespace sheaf::test {
namespace {

using broker::acknowledged;
using broker::job_id;

TEST(hold_queue, thousands_resolved_in_waves_leave_in_order_with_what_was_behind_them) {
    broker::hold_queue holds;
    std::string left;
    std::string expected;
    std::uint64_t next = 0;
    const auto resolve = [&](std::uint64_t ticket) {
        struct {
            std::string& left;
            void operator()(const acknowledged& yes) const { left += std::to_string(yes.job.value()) + ' '; }
            void operator()(const broker::refused& no) const { left += no.why + ' '; }
            void operator()(const broker::told_line& told) const { left += told.line; }
        } const release{left};
        holds.resolve(ticket, acknowledged{job_id{ticket}}, release,
                      [&](protocol::output_buffer& behind) { left += take_all(behind); });
    };
    for (int wave = 0; wave < 100; ++wave) {
        std::vector<std::uint64_t> tickets;
        for (int i = 0; i < 37; ++i) {
            tickets.push_back(holds.hold());
            EXPECT_EQ(tickets.back(), next);
            holds.later().append("x ");
            expected += std::to_string(next++) + " x ";
        }
        // The first one last, but always one wave behind, so that the queue is never empty.
        const std::uint64_t kept = tickets.front();
        for (std::size_t i = 1; i < tickets.size(); ++i) resolve(tickets[i]);
        holds.hold();
        ++next;
        resolve(kept);
        resolve(next - 1);
        expected += std::to_string(next - 1) + ' ';
    }
    EXPECT_TRUE(holds.empty());
    EXPECT_EQ(left, expected);
}

}  // namespace
}  // namespace sheaf::test
