// What a call of a trivial task costs: many at once, packed and not, and one at a time; beside it what processes that talk
// over Unix sockets by hand take for the same bytes, in the same minutes. Medians of REPEATS.
//
//   bench_scatter [CALLS [REPEATS]]
//
// Each scatter's input is a generator, and its results are checked: every one exactly once.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <ranges>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "by_hand.hpp"
#include <sheaf/sheaf.hpp>

namespace {

using clock_type = std::chrono::steady_clock;

constexpr sheaf::task<"bench.square", std::int64_t(std::int32_t), sheaf::idempotent> square{};

constexpr std::size_t envelope = 30;
/// SUBMIT_JOB and WORK_COMPLETE of such a call: head, function or handle, and what travels.
constexpr sheaf::bench::message_sizes sizes{.request = 12 + 13 + 1 + envelope + 4, .answer = 12 + 10 + 4 + 8};

double median(std::size_t repeats, const std::function<double()>& once) {
    std::vector<double> seen;
    for (std::size_t i = 0; i < repeats; ++i) seen.push_back(once());
    std::sort(seen.begin(), seen.end());
    return seen[seen.size() / 2];
}

double scatter_rate(sheaf::cluster& cluster, std::int32_t calls, const sheaf::scatter_options& how) {
    const auto begin = clock_type::now();
    const auto numbers = std::views::iota(0) | std::views::take_while([calls](int n) { return n < calls; });
    std::vector<bool> seen(static_cast<std::size_t>(calls));
    std::size_t ended = 0;
    for (auto& [index, outcome] : sheaf::as_completed(cluster.scatter(square, numbers, how))) {
        const auto n = static_cast<std::int64_t>(index);
        if (!outcome) sheaf::throw_failure(outcome.error());
        if (*outcome != n * n || seen[index]) throw std::logic_error("a result is wrong, or came twice");
        seen[index] = true;
        ++ended;
    }
    if (ended != seen.size()) throw std::logic_error("results are missing");
    return calls / std::chrono::duration<double>(clock_type::now() - begin).count();
}

double call_latency(sheaf::cluster& cluster, std::size_t calls) {
    std::vector<double> taken;
    for (std::size_t i = 0; i < calls + calls / 10; ++i) {
        const auto begin = clock_type::now();
        (void)cluster.call(square(7));
        if (i >= calls / 10) {
            taken.push_back(std::chrono::duration<double, std::micro>(clock_type::now() - begin).count());
        }
    }
    std::sort(taken.begin(), taken.end());
    return taken[taken.size() / 2];
}

double peak_mib() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

int drive(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    const int calls = arguments.empty() ? 1'000'000 : std::max(1000, std::stoi(arguments[0]));
    const std::size_t repeats = arguments.size() < 2 ? 5 : std::max(1UL, std::stoul(arguments[1]));
    const std::size_t workers = std::max<std::size_t>(cluster.workers(), 1);
    const auto one_by_one = static_cast<std::size_t>(std::min(calls, 10'000));
    std::printf("%zu workers, medians of %zu\n", workers, repeats);
    const auto say = [](const char* what, double rate) { std::printf("%-34s %12.0f calls/s\n", what, rate); };
    say("scatter, packed", median(repeats, [&] { return scatter_rate(cluster, calls, {}); }));
    for (const std::size_t window : {0U, 256U, 1024U}) {
        const sheaf::scatter_options unpacked{.window = window, .pack = sheaf::packing::none()};
        const std::string what = "a job per call, window " + (window == 0 ? "by default" : std::to_string(window));
        say(what.c_str(), median(repeats, [&] { return scatter_rate(cluster, calls / 5, unpacked); }));
    }
    say("pool by hand, 16 out at each",
        median(repeats, [&] { return sheaf::bench::pool_rate(static_cast<std::size_t>(calls), workers, 16, sizes); }));
    const double ours = median(repeats, [&] { return call_latency(cluster, one_by_one); });
    const double theirs = median(repeats, [&] { return sheaf::bench::relay_latency(one_by_one, sizes); });
    std::printf("%-34s %12.1f us\n%-34s %12.1f us\n%-34s %12.2f\n", "one call at a time", ours,
                "relay of three processes by hand", theirs, "call / relay", ours / theirs);
    std::printf("peak memory of the driver, with the server in it: %.0f MiB\n", peak_mib());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    sheaf::app app{"bench_scatter"};
    app.bind(square, [](std::int32_t n) { return std::int64_t{n} * n; });
    return app.run(argc, argv, drive);
}
