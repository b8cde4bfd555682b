// Squares numbers on worker processes. See README.md.
#include <charconv>
#include <iostream>
#include <optional>
#include <ranges>
#include <string>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"hello.square", long(int)> square{};

// The number that `text` is, or nothing.
std::optional<int> read_count(const std::string& text) {
    int count = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (fault != std::errc{} || end != text.data() + text.size() || count < 0) return std::nullopt;
    return count;
}

int main(int argc, char** argv) {
    sheaf::app app{"hello"};
    app.bind(square, [](int x) { return long{x} * x; });

    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> arguments) {
        const auto count = arguments.empty() ? 10 : read_count(arguments[0]);
        if (!count) {
            std::cerr << "usage: hello [COUNT]\n";
            return 2;
        }
        long sum = 0;
        for (auto& [index, outcome] : sheaf::as_completed(cluster.scatter(square, std::views::iota(0, *count)))) {
            if (!outcome) sheaf::throw_failure(outcome.error());
            std::cout << index << " squared is " << *outcome << '\n';
            sum += *outcome;
        }
        std::cout << "the sum is " << sum << '\n';
        return 0;
    });
}
