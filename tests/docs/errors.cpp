// The guide's page about errors.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <semaphore>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include <sheaf/gather.hpp>
#include <sheaf/sheaf.hpp>

using namespace std::chrono_literals;

// [typed]
struct unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
    std::string path;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(path));
    }
};

inline constexpr sheaf::task<"fs.lines", long(std::string), sheaf::throws<unreadable>> count_lines{};
// [/typed]
inline constexpr sheaf::task<"errors.parse", int(std::string)> parse{};
inline constexpr sheaf::task<"errors.crash", void()> crash{};
inline constexpr sheaf::task<"errors.wait", void()> wait{};
inline constexpr sheaf::task<"errors.nobodys", void()> nobodys{};

// [throw]
long count_lines_of(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        unreadable why{"cannot open " + path};
        why.path = path;
        throw why;
    }
    long lines = 0;
    for (std::string line; std::getline(file, line);) ++lines;
    return lines;
}
// [/throw]

// [stop_callback]
void wait_for_stop(const sheaf::context& context) {
    std::binary_semaphore woken{0};
    const std::stop_callback wake(context.stop_token(), [&] { woken.release(); });  // or closes a socket
    woken.acquire();                                                                // or reads from it
}
// [/stop_callback]

int main(int argc, char** argv) {
    sheaf::app app{"errors"};
    app.bind(count_lines, count_lines_of);
    app.bind(parse, [](const std::string& text) { return std::stoi(text); });
    app.bind(crash, [] { std::abort(); });
    app.bind(wait, wait_for_stop);
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        // [catch]
        try {
            std::cout << cluster.call(count_lines("/no/such/file")) << " lines\n";
        } catch (const unreadable& why) {
            std::cout << why.path << " is unreadable: " << why.what() << '\n';
        }
        // [/catch]

        // [remote]
        try {
            cluster.call(parse("seven"));
        } catch (const sheaf::remote_error& thrown) {
            std::cout << "the handler threw " << thrown.why().message << '\n';
        }
        try {
            cluster.call(crash());
        } catch (const sheaf::worker_lost& lost) {
            std::cout << "the worker died of signal " << lost.why().signal << '\n';
        }
        try {
            cluster.call(wait(), {.deadline = 100ms});
        } catch (const sheaf::timeout& late) {
            std::cout << "it took too long, by its " << to_string(late.which()) << '\n';
        }
        try {
            cluster.call(nobodys(), {.queue_timeout = 100ms});
        } catch (const sheaf::no_worker& why) {
            std::cout << why.why().message << '\n';
        }
        // [/remote]

        // [retry]
        const sheaf::call_options patient{
            .retry = sheaf::retry{6}.backoff(250ms).cap(30s).jitter().on<unreadable, sheaf::no_worker>(),
        };
        // [/retry]
        std::cout << cluster.call(parse("7"), {.retry = sheaf::retry{2}.on<sheaf::remote_error>()}) << ' '
                  << cluster.call(count_lines("/dev/null"), patient) << '\n';

        // [many]
        const sheaf::call_options each{
            .deadline = 10min,
            .attempt_timeout = 1min,
            .queue_timeout = 2min,
            .heartbeat = 5s,
            .retry = sheaf::retry{6}.backoff(250ms).on<sheaf::remote_error>().never<unreadable>(),
            .stop = cluster.stop_token(),  // Ctrl-C
        };
        const std::vector<std::string> paths{"/dev/null", "/no/such/file", "/dev/null"};
        try {
            const auto all = sheaf::gather(cluster.scatter(count_lines, paths, {.call = each}), sheaf::fail_fast);
            std::cout << all.values().size() << " files\n";
        } catch (const unreadable& why) {
            std::cout << "gave up: " << why.what() << '\n';
        } catch (const sheaf::call_error& other) {
            std::cerr << sheaf::describe(other.why()) << '\n';
        }
        // [/many]

        // [value]
        const sheaf::result<int> number = cluster.try_call(parse("seven"));
        if (number) {
            std::cout << *number << '\n';
        } else if (number.error().code == sheaf::errc::remote_exception) {
            std::cerr << sheaf::describe(number.error()) << '\n';  // task, worker, attempt, causes
        }
        // [/value]
        return 0;
    });
}
