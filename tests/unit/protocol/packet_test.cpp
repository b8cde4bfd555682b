#include "protocol/packet.hpp"

#include <set>

#include <gtest/gtest.h>

namespace sheaf::protocol {
namespace {

TEST(packet_table, names_are_unique_and_every_argument_has_one) {
    std::set<std::string_view> names;
    for (const packet_info& row : packet_table) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        for (std::size_t i = 0; i < max_arguments; ++i) {
            EXPECT_EQ(row.argument_names[i].empty(), i >= row.arguments) << row.name << " argument " << i;
        }
    }
}

TEST(packet_table, job_assignments_carry_what_their_names_say) {
    // The numbers are the wire's: a shifted row would still be self-consistent, so a few are pinned here.
    EXPECT_EQ(info(packet_type::job_assign_all).argument_names[3], "reducer");
    EXPECT_EQ(static_cast<int>(packet_type::job_assign_all), 40);
    EXPECT_EQ(info(packet_type::submit_reduce_job).arguments, 4);
    EXPECT_EQ(static_cast<int>(packet_type::submit_reduce_job), 37);
    EXPECT_EQ(info(packet_type::submit_job_sched).arguments, 7);
    EXPECT_EQ(static_cast<int>(packet_type::work_exception), 25);
}

struct submission_case {
    packet_type type;
    protocol::priority priority;
    bool background;
    bool reduces;
};

TEST(as_submission, every_submission_packet_has_its_priority_and_ground) {
    using enum packet_type;
    const submission_case cases[] = {
        {submit_job, priority::normal, false, false},
        {submit_job_bg, priority::normal, true, false},
        {submit_job_high, priority::high, false, false},
        {submit_job_high_bg, priority::high, true, false},
        {submit_job_low, priority::low, false, false},
        {submit_job_low_bg, priority::low, true, false},
        {submit_reduce_job, priority::normal, false, true},
        {submit_reduce_job_background, priority::normal, true, true},
    };
    std::set<packet_type> covered;
    for (const submission_case& c : cases) {
        SCOPED_TRACE(info(c.type).name);
        packet_view packet;
        packet.type = c.type;
        packet.arguments = {"function", "unique", "reducer", "aggregate"};
        const auto job = as_submission(packet);
        ASSERT_TRUE(job);
        EXPECT_EQ(job->function, "function");
        EXPECT_EQ(job->unique, "unique");
        EXPECT_EQ(job->reducer, c.reduces ? "reducer" : "");
        EXPECT_EQ(job->priority, c.priority);
        EXPECT_EQ(job->background, c.background);
        covered.insert(c.type);
    }
    for (const packet_info& row : packet_table) {
        packet_view packet;
        packet.type = row.type;
        EXPECT_EQ(as_submission(packet).has_value(), covered.contains(row.type)) << row.name;
    }
}

}  // namespace
}  // namespace sheaf::protocol
