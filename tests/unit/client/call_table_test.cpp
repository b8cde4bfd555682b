// The table of calls against a plain model: slots, ids and deadlines in any order.
#include "client/call_table.hpp"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace sheaf::test {
namespace {

using runtime::call_id;
using runtime::call_index;
using time_point = std::chrono::steady_clock::time_point;

TEST(call_table, the_first_deadline_is_right_whatever_order_calls_come_and_go_in) {
    constexpr std::uint64_t seed = 20261121;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    runtime::call_table table;
    std::map<call_id, call_index> open;
    std::multiset<time_point> due;
    call_id last = 0;
    for (int step = 0; step < 20000; ++step) {
        if (open.empty() || random() % 100 < (step < 10000 ? 55 : 45)) {
            const call_index which = table.add(++last);
            table[which].request.deadline = time_point(std::chrono::milliseconds(random() % 1000));
            table.watch(which);
            due.insert(*table[which].request.deadline);
            open[last] = which;
        } else {
            // Some end because their time is up, others early.
            const call_id first = table[table.first_due()].id;
            const auto gone = random() % 2 == 0
                                  ? open.find(first)
                                  : std::next(open.begin(), static_cast<std::ptrdiff_t>(random() % open.size()));
            ASSERT_NE(gone, open.end());
            due.erase(due.find(*table[gone->second].request.deadline));
            table.forget(gone->second);
            table.release(gone->second);
            EXPECT_EQ(table.find(gone->first), runtime::no_call);
            open.erase(gone);
        }
        ASSERT_EQ(table.first_deadline(), due.empty() ? time_point::max() : *due.begin());
        ASSERT_EQ(table.size(), open.size());
    }
    for (const auto& [id, which] : open) EXPECT_EQ(table.find(id), which);
}

}  // namespace
}  // namespace sheaf::test
