// How long one call takes, one at a time, through a program's local cluster: client, server and worker are three threads
// in two processes, so a call is four hops. Beside it, a plain ECHO_REQ between client and server: two hops.
//
//   bench_call_latency [CALLS]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include <sheaf/sheaf.hpp>

namespace {

using clock_type = std::chrono::steady_clock;
using microseconds = std::chrono::duration<double, std::micro>;

constexpr sheaf::task<"bench.echo", std::string(std::string)> echo{};

struct times {
    double median = 0;
    double p99 = 0;
};

template <class Once>
times measure(std::size_t count, const char* what, Once&& once) {
    std::vector<double> taken;
    taken.reserve(count);
    for (std::size_t i = 0; i < count / 10; ++i) once();  // warms up
    for (std::size_t i = 0; i < count; ++i) {
        const auto begin = clock_type::now();
        once();
        taken.push_back(microseconds(clock_type::now() - begin).count());
    }
    std::ranges::sort(taken);
    const times result{taken[count / 2], taken[count * 99 / 100]};
    std::printf("%-28s median %8.1f us   99 %% %8.1f us\n", what, result.median, result.p99);
    return result;
}

int drive(sheaf::cluster& cluster, std::span<const std::string> arguments, clock_type::time_point started) {
    const std::size_t count = arguments.empty() ? 10'000 : std::max(100, std::stoi(arguments[0]));
    const std::string text(64, 'x');
    cluster.call(echo(text));
    std::printf("%-28s %.1f ms\n", "from start to first result",
                microseconds(clock_type::now() - started).count() / 1000);

    auto& client = cluster.engine().client();
    const times plain = measure(count, "echo of the server", [&] {
        if (!client.echo(text, std::chrono::seconds(10))) std::abort();
    });
    const times call = measure(count, "call of a task", [&] { cluster.call(echo(text)); });
    std::printf("one call takes as long as %.2f echoes\n", call.median / plain.median);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const auto started = clock_type::now();
    sheaf::app app{"bench_call_latency"};
    app.bind(echo, [](std::string text) { return text; });
    return app.run(argc, argv, [started](sheaf::cluster& cluster, std::span<const std::string> arguments) {
        return drive(cluster, arguments, started);
    });
}
