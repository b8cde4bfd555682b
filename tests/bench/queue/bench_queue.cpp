// What a background job costs that no crash may lose: one at a time, and with a hundred in flight, beside what the disk and the
// way to the server take by themselves in the same minute, and beside gearmand, beanstalkd and Redis where they are installed. Then a
// queue that is too long for its memory.
//
//   bench_queue [JOBS [DIRECTORY]]      JOBS in the long queue (200,000); DIRECTORY is on the disk in question (/tmp)
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

#include "bench/queue/peers.hpp"
#include "sheaf/runtime/client.hpp"
#include "sheaf/runtime/server.hpp"
#include "support/scratch_directory.hpp"

namespace {

using clock_type = std::chrono::steady_clock;
using microseconds = std::chrono::duration<double, std::micro>;

double seconds_since(clock_type::time_point begin) {
    return std::chrono::duration<double>(clock_type::now() - begin).count();
}

template <class Once>
double median_us(std::size_t count, Once&& once) {
    std::vector<double> taken(count);
    for (double& one : taken) {
        const auto begin = clock_type::now();
        once();
        one = microseconds(clock_type::now() - begin).count();
    }
    std::ranges::nth_element(taken, taken.begin() + static_cast<std::ptrdiff_t>(count / 2));
    return taken[count / 2];
}

// Of so many bytes at the end of a file: about what one job makes SQLite write.
double sync_us(const std::filesystem::path& place) {
    const int file = ::open((place / "syncs").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string block(8192, 'x');
    const double each = median_us(500, [&] {
        if (::write(file, block.data(), block.size()) < 0 || ::fdatasync(file) != 0) std::abort();
    });
    ::close(file);
    return each;
}

// Lets so many jobs be in flight.
class window final : public sheaf::runtime::job_listener {
  public:
    explicit window(std::size_t most) : most_(most) {}

    void enter() {
        std::unique_lock held(mutex_);
        changed_.wait(held, [&] { return out_ < most_; });
        ++out_;
    }
    void empty() {
        std::unique_lock held(mutex_);
        changed_.wait(held, [&] { return out_ == 0; });
    }
    void on_end(std::uint64_t, sheaf::runtime::job_end end) override {
        if (end.how != sheaf::runtime::job_end::kind::complete) std::abort();
        const std::lock_guard held(mutex_);
        --out_;
        changed_.notify_one();
    }

  private:
    std::size_t most_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t out_ = 0;
};

// Jobs per second, with unique keys behind `last_key`.
double enqueue(sheaf::runtime::client& client, std::uint64_t last_key, std::size_t jobs, std::size_t in_flight) {
    const auto all = std::make_shared<window>(in_flight);
    const sheaf::shared_bytes payload{std::string(100, 'x')};
    const auto begin = clock_type::now();
    for (std::size_t i = 0; i < jobs; ++i) {
        all->enter();
        client.submit({.function = "bench",
                       .unique = "bench-" + std::to_string(++last_key),
                       .payload = payload,
                       .background = true},
                      all);
    }
    all->empty();
    return static_cast<double>(jobs) / seconds_since(begin);
}

class queue_bench {
  public:
    explicit queue_bench(const std::filesystem::path& place, std::uint64_t memory) : server_(options(place, memory)) {
        server_.start();
        client_ =
            std::make_unique<sheaf::runtime::client>(sheaf::runtime::client_options{.servers = server_.endpoints()});
    }

    double echo_us() {
        return median_us(2000, [&] {
            if (!client_->echo("x", std::chrono::seconds(10))) std::abort();
        });
    }

    double enqueue(std::size_t jobs, std::size_t in_flight) {
        const double rate = ::enqueue(*client_, last_key_, jobs, in_flight);
        last_key_ += jobs;
        return rate;
    }

  private:
    static sheaf::runtime::server_options options(const std::filesystem::path& place, std::uint64_t memory) {
        sheaf::runtime::server_options how;
        how.listen = {{"127.0.0.1", 0, {}}};
        how.data_directory = (place / ("queue-" + std::to_string(memory))).string();
        how.queue_bytes_max = memory;
        return how;
    }

    sheaf::runtime::server server_;
    std::unique_ptr<sheaf::runtime::client> client_;
    std::uint64_t last_key_ = 0;
};

long resident_kib() {
    std::ifstream statm("/proc/self/statm");
    long size = 0;
    long resident = 0;
    statm >> size >> resident;
    return resident * (::sysconf(_SC_PAGESIZE) / 1024);
}

struct enqueue_rates {
    double alone = 0;  ///< jobs per second, one at a time
    double many = 0;   ///< with a hundred in flight
};

enqueue_rates measure_enqueue(const std::filesystem::path& place) {
    queue_bench bench(place, std::uint64_t{1} << 30);
    bench.enqueue(1000, 100);  // warms up
    const double sync = sync_us(place);
    const double echo = bench.echo_us();
    const enqueue_rates rates{.alone = bench.enqueue(2000, 1), .many = bench.enqueue(100'000, 100)};
    const double alone = 1e6 / rates.alone;
    std::printf("one fdatasync %.0f us, one echo %.0f us\n", sync, echo);
    std::printf("one job at a time: %.0f us each, %.2f times a sync and an echo\n", alone, alone / (sync + echo));
    std::printf("100 in flight: %.0f jobs/s, %.1f in the time of a sync\n", rates.many, rates.many * sync / 1e6);
    return rates;
}

// Of those that are installed. Each keeps on the disk what it acknowledges.
void measure_peers(const std::filesystem::path& place, const enqueue_rates& own) {
    using namespace sheaf::bench;
    const auto gearman_rate = [](std::uint16_t port, std::size_t jobs, std::size_t in_flight) {
        sheaf::runtime::client client({.servers = {{"127.0.0.1", port, {}}}});
        return enqueue(client, 0, jobs, in_flight);
    };
    for (const peer& other : {gearmand_with_sqlite(gearman_rate), beanstalkd(), redis()}) {
        const auto many = other.rate(place, other.most, 100);
        const auto alone = other.rate(place, std::size_t{100}, 1);
        if (!many || !alone) {
            std::printf("%s: not installed\n", other.name.c_str());
        } else {
            std::printf(
                "%s: one at a time %.0f jobs/s, of which sheafd does %.2f times as many; 100 in flight %.0f, %.2f "
                "times\n",
                other.name.c_str(), *alone, own.alone / *alone, *many, own.many / *many);
        }
    }
}

void measure_long_queue(const std::filesystem::path& place, std::size_t jobs) {
    queue_bench bench(place, std::uint64_t{8} << 20);
    const std::size_t part = std::max<std::size_t>(jobs / 10, 1);
    bench.enqueue(part, 1000);
    const long before = resident_kib();
    const double first = bench.enqueue(part, 1000);
    for (int i = 0; i < 7; ++i) bench.enqueue(part, 1000);
    const double last = bench.enqueue(part, 1000);
    std::printf(
        "a queue of %zu jobs with 8 MiB for it: %.0f jobs/s at the end, %.2f of those at its start; %.0f bytes of "
        "memory each\n",
        10 * part, last, last / first,
        static_cast<double>(resident_kib() - before) * 1024 / (9.0 * static_cast<double>(part)));
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t jobs = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200'000;
    if (argc > 2) ::setenv("TMPDIR", argv[2], 1);
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const sheaf::test::scratch_directory place;
    measure_peers(place.path(), measure_enqueue(place.path()));
    measure_long_queue(place.path(), jobs);
}
