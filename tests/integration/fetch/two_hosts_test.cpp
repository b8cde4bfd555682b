// Runs whose driver and workers share nothing but a network.
#include "two_hosts.hpp"

#include <filesystem>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/map_reduce/text_maker.hpp"
#include "integration/map_reduce/word_count.hpp"
#include "support/eventually.hpp"

namespace sheaf::test {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

constexpr const char* port = "4730";
constexpr const char* server_address = "10.77.0.1:4730";

/// The job server is on the first host, as is the driver, the input and the output.
class two_hosts_test : public testing::Test {
  protected:
    two_hosts_test() {
        for (int i = 0; i < 3; ++i) {
            const std::string text = text_maker(static_cast<unsigned>(i)).prose(2'000'000);
            write_file(hosts_.place() / "input" / ("text" + std::to_string(i)), text);
            count_words(text, expected_);
        }
    }

    [[nodiscard]] static std::vector<std::string> worker(unsigned processes) {
        return {program("sheaf"), "worker",    "--server",
                server_address,   "--workers", std::to_string(processes),
                "--grace",        "0.2",       program("examples/wordcount")};
    }
    static void expect_ready(process& workers) {
        const std::string line = workers.read_line().value_or("");
        if (!line.starts_with("sheaf worker ready")) throw peer_failure(line + workers.error_output());
    }

    [[nodiscard]] command counting(const std::vector<std::string>& options = {}) const {
        std::vector<std::string> arguments{program("examples/wordcount"), "--output", output()};
        arguments.insert(arguments.end(), options.begin(), options.end());
        arguments.push_back(hosts_.place() / "input");
        command driver = hosts_.first(arguments);
        std::erase(driver.environment, "SHEAF_SERVER=");
        driver.environment.push_back(std::string("SHEAF_SERVER=") + server_address);
        return driver;
    }
    void expect_counted(process& driver) const {
        ASSERT_EQ(driver.wait(3 * patience), 0) << driver.error_output();
        EXPECT_EQ(counts_in(output()), expected_);
    }
    void expect_counted(const std::vector<std::string>& options = {}) const {
        process driver(counting(options));
        expect_counted(driver);
    }
    [[nodiscard]] std::string output() const { return hosts_.place() / "counts"; }

    static word_counts counts_in(const fs::path& directory) {
        word_counts counts;
        for (const auto& part : fs::directory_iterator(directory)) {
            std::ifstream file(part.path());
            std::string word;
            for (std::uint64_t count = 0; file >> word >> count;) counts[word] += count;
        }
        return counts;
    }
    /// The directories of runs on the second host. Whoever runs the test, each user has a directory for them.
    [[nodiscard]] std::vector<std::string> left_on_second() const {
        std::vector<std::string> names;
        std::error_code gone;
        for (const auto& user : fs::directory_iterator(hosts_.of_second(hosts_.temporary()))) {
            for (const auto& run : fs::directory_iterator(user.path(), gone)) names.push_back(run.path().filename());
        }
        return names;
    }
    [[nodiscard]] std::size_t segments_on_second() const {
        std::size_t count = 0;
        std::error_code gone;
        for (const auto& file : fs::recursive_directory_iterator(hosts_.of_second(hosts_.temporary()), gone)) {
            const std::string name = file.path().filename();
            if (name.starts_with("map-") && !name.ends_with(".tmp")) ++count;
        }
        return count;
    }
    [[nodiscard]] static std::uint64_t number_in(const std::string& json, const std::string& name) {
        const auto at = json.find('"' + name + "\":");
        if (at == std::string::npos) throw peer_failure("there is no " + name + " in " + json);
        return std::strtoull(json.c_str() + at + name.size() + 3, nullptr, 10);
    }
    [[nodiscard]] bool second_was_used() const {
        return fs::directory_iterator(hosts_.of_second(hosts_.temporary())) != fs::directory_iterator();
    }
    void expect_nothing_left() const {
        EXPECT_TRUE(second_was_used());
        const auto until = std::chrono::steady_clock::now() + patience;
        while (!left_on_second().empty() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
        EXPECT_THAT(left_on_second(), IsEmpty());
    }

    two_hosts hosts_;
    word_counts expected_;
};

TEST_F(two_hosts_test, all_workers_are_where_neither_input_nor_output_is) {
    process server(hosts_.first({program("sheafd"), "--listen", server_address}));
    ASSERT_TRUE(server.read_line());
    process workers(hosts_.second(worker(2)));
    expect_ready(workers);
    expect_counted();
    expect_nothing_left();
}

TEST_F(two_hosts_test, workers_of_both_hosts_read_what_the_others_wrote) {
    process server(hosts_.first({program("sheafd"), "--listen", server_address}));
    ASSERT_TRUE(server.read_line());
    process near(hosts_.first(worker(1)));
    process far(hosts_.second(worker(1)));
    expect_ready(near);
    expect_ready(far);
    expect_counted({"--partitions", "5"});
    expect_nothing_left();
}

TEST_F(two_hosts_test, a_host_whose_disk_is_full_leaves_the_work_to_the_other) {
    process server(hosts_.first({program("sheafd"), "--listen", server_address}));
    ASSERT_TRUE(server.read_line());
    process far(hosts_.second(worker(1)));
    expect_ready(far);
    hosts_.on_second({"mount", "-o", "remount,size=8k", hosts_.place()});
    const fs::path report = hosts_.place() / "report";
    process driver(counting({"--partitions", "5", "--report", report}));
    ASSERT_TRUE(eventually([&] { return second_was_used(); })) << driver.error_output();
    process near(hosts_.first(worker(1)));
    expect_counted(driver);
    EXPECT_THAT(read_file(report / "report.txt"), testing::HasSubstr("made again for want of disk space"));
}

TEST_F(two_hosts_test, stock_gearmand_does_as_well) {
    process server(hosts_.first({"/usr/sbin/gearmand", "--listen", two_hosts::first_address, "--port", port,
                                 "--log-file", "stderr", "--threads", "1"}));
    process far(hosts_.second(worker(2)));
    process near(hosts_.first(worker(1)));
    expect_ready(far);
    expect_ready(near);
    expect_counted();
    expect_nothing_left();
    server.send_signal(SIGKILL);  // it deadlocks now and then when it is asked to end
}

TEST_F(two_hosts_test, a_host_that_is_gone_takes_all_that_it_had_with_it_at_once) {
    process server(hosts_.first({program("sheafd"), "--listen", server_address}));
    ASSERT_TRUE(server.read_line());
    auto far = std::make_unique<process>(hosts_.second(worker(2)));
    expect_ready(*far);
    const fs::path report = hosts_.place() / "report";
    process driver(counting({"--partitions", "5", "--split", "20000", "--report", report}));
    ASSERT_TRUE(eventually([&] { return segments_on_second() >= 60; })) << driver.error_output();
    far->send_signal(SIGKILL);
    process near(hosts_.first(worker(2)));
    expect_counted(driver);
    const std::string numbers = read_file(report / "report.json");
    const auto lost = number_in(numbers, "segments_lost");
    EXPECT_GE(lost, 50U);
    EXPECT_LT(number_in(numbers, "retries"), lost + 40) << "and not an attempt at reducing for each";
}

TEST_F(two_hosts_test, workers_that_die_on_the_other_host_change_nothing) {
    process server(hosts_.first({program("sheafd"), "--listen", server_address}));
    ASSERT_TRUE(server.read_line());
    auto far = std::make_unique<process>(hosts_.second(worker(1)));
    expect_ready(*far);
    process near(hosts_.first(worker(1)));
    expect_ready(near);
    std::thread killer([&] {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (left_on_second().empty() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
        far->send_signal(SIGKILL);  // with its files
    });
    expect_counted();
    killer.join();
}

}  // namespace
}  // namespace sheaf::test
