// What thousands of idle workers cost, in memory and, when there is a job, in time.
#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server/round_trip.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

// Each worker is a descriptor here, too.
void allow_descriptors() {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

// Workers who are all asleep, and who of them is woken.
class sleepers {
  public:
    sleepers(const endpoint& where, std::size_t count, const std::vector<std::string>& functions)
        : events_(::epoll_create1(EPOLL_CLOEXEC)) {
        for (std::size_t i = 0; i < count; ++i) {
            auto& worker = *workers_.emplace_back(std::make_unique<raw_peer>(where));
            for (const std::string& function : functions) worker.send<packet_type::can_do>(function);
            worker.send<packet_type::pre_sleep>();
        }
        for (std::size_t i = 0; i < count; ++i) {
            round_trip::synchronize(*workers_[i]);
            epoll_event wanted{};
            wanted.events = EPOLLIN;
            wanted.data.u64 = i;
            ::epoll_ctl(events_.get(), EPOLL_CTL_ADD, workers_[i]->descriptor(), &wanted);
        }
    }

    /// Those to whom something was sent within `time`.
    std::vector<raw_peer*> woken(std::chrono::milliseconds time) {
        std::vector<epoll_event> ready(workers_.size());
        const int count =
            ::epoll_wait(events_.get(), ready.data(), static_cast<int>(ready.size()), static_cast<int>(time.count()));
        std::vector<raw_peer*> all;
        for (int i = 0; i < count; ++i) all.push_back(workers_[ready[static_cast<std::size_t>(i)].data.u64].get());
        return all;
    }

  private:
    std::vector<std::unique_ptr<raw_peer>> workers_;
    unique_fd events_;
};

// The processor time that a process has used.
std::chrono::nanoseconds cpu_time(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/schedstat");
    std::int64_t nanoseconds = 0;
    file >> nanoseconds;
    return std::chrono::nanoseconds{nanoseconds};
}

TEST(sleepers, ten_thousand_cost_eight_kib_each_and_one_job_wakes_one_and_then_another) {
    allow_descriptors();
    constexpr long count = 10'000;
    sheafd_process server;
    round_trip(server.where()).run();
    const long before = server.resident_kib();
    sleepers workers(server.where(), count, {"one", "two", "three", "four", "five"});
    const double each = static_cast<double>(server.resident_kib() - before) / count;
    RecordProperty("kib_per_connection", std::to_string(each));
    EXPECT_LE(each, 8.0);

    raw_peer client(server.where());
    client.send<packet_type::submit_job>("three", "", "x");
    (void)client.expect(packet_type::job_created);
    const auto first = workers.woken(patience);
    ASSERT_EQ(first.size(), 1U) << "one job wakes one worker";
    (void)first[0]->expect(packet_type::noop);
    const auto second = workers.woken(patience);
    ASSERT_EQ(second.size(), 1U) << "that one did not grab";
    (void)second[0]->expect(packet_type::noop);
    EXPECT_NE(first[0], second[0]);
    second[0]->send<packet_type::grab_job>();
    EXPECT_EQ(second[0]->expect(packet_type::job_assign).data, "x");
    EXPECT_TRUE(workers.woken(300ms).empty()) << "and nobody else";
}

TEST(sleepers, a_job_among_five_thousand_of_one_function_costs_a_third_of_a_millisecond_at_most) {
    allow_descriptors();
    constexpr int jobs = 1000;
    sheafd_process server;
    sleepers workers(server.where(), 5000, {"up"});
    raw_peer client(server.where());
    const auto before = cpu_time(server.child().pid());
    for (int i = 0; i < jobs; ++i) {
        client.send<packet_type::submit_job>("up", "", "x");
        (void)client.expect(packet_type::job_created);
        const auto woken = workers.woken(patience);
        ASSERT_FALSE(woken.empty());
        raw_peer& worker = *woken.front();
        (void)worker.expect(packet_type::noop);
        worker.send<packet_type::grab_job>();
        const std::string handle = worker.expect(packet_type::job_assign).arguments.at(0);
        worker.send<packet_type::work_complete>(handle, "y");
        worker.send<packet_type::pre_sleep>();
        (void)client.expect(packet_type::work_complete);
    }
    const std::chrono::duration<double, std::milli> each = (cpu_time(server.child().pid()) - before) / jobs;
    RecordProperty("cpu_ms_per_job", std::to_string(each.count()));
    EXPECT_LE(each.count(), 0.35);
}

}  // namespace
}  // namespace sheaf::test
