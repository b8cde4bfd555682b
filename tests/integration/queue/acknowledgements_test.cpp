// No JOB_CREATED leaves the server before the sync of its batch has ended: 2,000 of them, and with SHEAF_LONG_TESTS 100,000.
#include "integration/queue/acknowledgements.hpp"

#include <array>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/queue/queue_server.hpp"
#include "support/disk_faults.hpp"

namespace sheaf::test {
namespace {

using protocol::packet_type;
using shim::event_kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// The judge itself, on logs that say what they must not.
class premature_acknowledgements : public testing::Test {
  protected:
    void add(event_kind what, std::string data = {}) {
        log.push_back({++sequence, what, "queue-wal", std::move(data)});
    }
    std::uint64_t sequence = 0;
    std::vector<disk_event> log;
    std::vector<acknowledgement> one{{"mark-1", "H:a1"}};
};

TEST_F(premature_acknowledgements, are_none_if_each_follows_its_sync) {
    add(event_kind::written, "...mark-1;...");
    add(event_kind::sync_begins);
    add(event_kind::synced);
    add(event_kind::sends, "JOB_CREATED H:a1");
    EXPECT_THAT(premature(log, one), IsEmpty());
}

TEST_F(premature_acknowledgements, are_those_before_a_sync_or_during_it_or_after_an_older_one) {
    add(event_kind::sync_begins);
    add(event_kind::written, "mark-1;mark-22;");
    add(event_kind::synced);
    add(event_kind::sends, "H:a1");
    EXPECT_THAT(premature(log, one), ElementsAre(HasSubstr("before mark-1 was on the disk"))) << "after an older one";
    add(event_kind::sync_begins);
    add(event_kind::sends, "H:a2");
    add(event_kind::synced);
    add(event_kind::sends, "H:a22 H:a2");
    EXPECT_THAT(premature(log, {{"mark-22", "H:a22"}}), IsEmpty());
    EXPECT_THAT(premature(log, {{"mark-22", "H:a2"}}), SizeIs(1)) << "during it";
}

TEST_F(premature_acknowledgements, are_suspected_where_the_log_knows_nothing) {
    add(event_kind::sends, "H:a1");
    EXPECT_THAT(premature(log, one), ElementsAre(HasSubstr("never seen to be written")));
    EXPECT_THAT(premature({}, one), ElementsAre(HasSubstr("never seen to be sent")));
    EXPECT_THAT(premature(log, {}), SizeIs(1));
}

/// Submits jobs, a window at a time on each of several connections, and notes what it is given.
std::vector<acknowledgement> submit_all(const endpoint& where, std::size_t jobs) {
    constexpr std::size_t window = 25;
    std::array<raw_peer, 4> clients{raw_peer(where), raw_peer(where), raw_peer(where), raw_peer(where)};
    std::vector<acknowledgement> all;
    while (all.size() < jobs) {
        const std::size_t first = all.size();
        for (std::size_t i = 0; i < window * clients.size(); ++i) {
            all.push_back({"mark-" + std::to_string(all.size()), {}});
            clients[i % clients.size()].send<packet_type::submit_job_bg>("work", "", all.back().mark + ";");
        }
        for (std::size_t i = first; i < all.size(); ++i) {
            raw_peer& from = clients[(i - first) % clients.size()];
            all[i].handle = from.expect(packet_type::job_created).arguments.at(0);
        }
    }
    return all;
}

std::vector<std::string> premature_with(const std::string& durability) {
    disk_faults faults;
    queue_server server({"--durability", durability}, faults.environment());
    server.start();
    faults.start_log("jobs.sqlite-wal");
    const auto given = submit_all(server.where(), tests_are_long() ? 100'000 : 2000);
    return premature(faults.log(), given);
}

TEST(acknowledgements, leave_after_the_sync_of_their_batch) { EXPECT_THAT(premature_with("full"), IsEmpty()); }

TEST(acknowledgements, that_promise_less_are_seen_to_do_so) {
    EXPECT_THAT(premature_with("relaxed"), Not(IsEmpty()));
    EXPECT_THAT(premature_with("none"), Not(IsEmpty()));
}

}  // namespace
}  // namespace sheaf::test
