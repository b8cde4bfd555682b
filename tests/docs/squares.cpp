// Scatter and gather, in the README.
#include <iostream>
#include <ranges>
#include <span>
#include <string>

#include <sheaf/sheaf.hpp>

// [declare]
inline constexpr sheaf::task<"hello.square", long(int)> square{};  // a contract: a name and types
// [/declare]

int main(int argc, char** argv) {
    sheaf::app app{"squares"};
    // [bind]
    app.bind(square, [](int x) { return long{x} * x; });  // checked by the compiler
    // [/bind]
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        // [call]
        long sum = cluster.call(square(7));  // so is this
        for (auto& [index, outcome] : sheaf::as_completed(cluster.scatter(square, std::views::iota(0, 1'000)))) {
            if (outcome) {
                sum += *outcome;  // a bounded number of calls is in flight
            } else {
                std::cerr << sheaf::describe(outcome.error()) << '\n';  // task, worker, attempt, cause
            }
        }
        // [/call]
        std::cout << sum << '\n';
        return 0;
    });
}
