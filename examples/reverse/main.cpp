// Two plain Gearman functions, for clients in any language. See README.md.
#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>

#include <sheaf/runtime/server.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"reverse", std::string(std::string), sheaf::raw> reverse{};

std::string reversed(std::string_view text) { return {text.rbegin(), text.rend()}; }

std::string implementation() {
    return "Sheaf " + std::string(sheaf::runtime::version()) + ", C++20, compiler " + __VERSION__;
}

int main(int argc, char** argv) {
    sheaf::app app{"reverse"};
    app.bind_raw("reverse", reversed);
    app.bind_raw("get-implementation", [](std::string_view) { return implementation(); });

    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> arguments) {
        if (arguments.size() != 1) {
            std::cerr << "usage: reverse TEXT\n";
            return 2;
        }
        std::cout << cluster.call(reverse(arguments[0])) << '\n';
        return 0;
    });
}
