// Squares numbers on worker processes. See README.md.
#include <iostream>
#include <ranges>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"hello.square", long(int)> square{};

int main(int argc, char** argv) {
    sheaf::app app{"hello"};
    app.bind(square, [](int x) { return long{x} * x; });

    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> arguments) {
        const int count = arguments.empty() ? 10 : std::stoi(arguments[0]);
        long sum = 0;
        for (auto& [index, outcome] : sheaf::as_completed(cluster.scatter(square, std::views::iota(0, count)))) {
            if (!outcome) sheaf::throw_failure(outcome.error());
            std::cout << index << " squared is " << *outcome << '\n';
            sum += *outcome;
        }
        std::cout << "the sum is " << sum << '\n';
        return 0;
    });
}
