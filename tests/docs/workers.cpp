// The guide's page about workers: what a handler may use, and what an app may say about its workers.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include <oneapi/tbb/parallel_sort.h>

#include <sheaf/sheaf.hpp>

using namespace std::chrono_literals;

inline constexpr sheaf::task<"workers.fib", long(int)> fib{};
inline constexpr sheaf::task<"workers.sort", std::vector<int>(std::vector<int>)> sort{};
inline constexpr sheaf::task<"workers.spell", std::string(int)> spell{};
inline constexpr sheaf::task<"workers.print", std::string(std::string)> print{};

// [dictionary]
struct dictionary {  // slow to load, and not for two handlers at once
    std::vector<std::string> words{"nought", "one", "two", "three"};
};

std::string spelled(const sheaf::context& context, int number) {
    return context.state<dictionary>().words.at(static_cast<std::size_t>(number));
}
// [/dictionary]

// [nested]
long fibonacci(const sheaf::context& context, int n) {
    if (n < 2) return n;
    auto one = context.cluster().submit(fib(n - 1));
    const long other = context.cluster().call(fib(n - 2));
    return one.get() + other;
}
// [/nested]

// [tbb]
std::vector<int> sorted(std::vector<int> numbers) {
    oneapi::tbb::parallel_sort(numbers.begin(), numbers.end());
    return numbers;
}
// [/tbb]

int main(int argc, char** argv) {
    std::atomic<unsigned> minutes = 0;
    sheaf::app app{"workers"};
    // [state]
    app.slot_state<dictionary>();  // or with a function that makes it
    app.bind(spell, spelled);
    // [/state]
    app.bind(fib, fibonacci);
    app.bind(sort, sorted);
    // [slots]
    app.bind(print, [](const std::string& text) { return "[" + text + "]"; }, {.slots = 1});  // there is one printer
    // [/slots]
    // [hooks]
    app.on_worker_start([] { std::cerr << "warming up\n"; });
    app.on_worker_stop([] { std::cerr << "cleaning up\n"; });
    app.every(1min, [&minutes] { std::cerr << "alive for " << ++minutes << " minutes\n"; });
    // [/hooks]
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        std::cout << cluster.call(spell(3)) << '\n';
        std::cout << cluster.call(fib(10)) << '\n';
        std::cout << cluster.call(sort({3, 1, 2})).front() << '\n';
        std::cout << cluster.call(print("page")) << '\n';
        return 0;
    });
}
