// The guide's page about tasks and calls.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sheaf/sheaf.hpp>

using namespace std::chrono_literals;

// [types]
enum class shade : std::uint8_t { light, dark };

struct picture {
    std::string title;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::optional<shade> background{};
    std::map<std::string, std::vector<double>> curves{};

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(title), CEREAL_NVP(width), CEREAL_NVP(height), CEREAL_NVP(background), CEREAL_NVP(curves));
    }
};
// [/types]

// [tasks]
inline constexpr sheaf::task<"image.render", std::string(picture)> render{};
inline constexpr sheaf::task<"math.add", long(int, int), sheaf::idempotent> add{};
inline constexpr sheaf::task<"log.note", void(std::string)> note{};
// [/tasks]

// [context]
std::string render_slowly(sheaf::context& context, const picture& what) {
    std::string image;
    for (std::uint32_t line = 0; line < what.height && !context.stop_requested(); ++line) {
        image += std::string(what.width, '*') + '\n';
        context.progress(line + 1, what.height);
    }
    if (what.curves.empty()) context.warn("there is nothing in the picture " + what.title);
    return image;
}
// [/context]

int main(int argc, char** argv) {
    sheaf::app app{"calls"};
    // [bind]
    app.bind(render, render_slowly);
    app.bind(add, [](int x, int y) { return long{x} + y; });
    app.bind(note, [](const std::string& text) { std::cerr << text << '\n'; });
    // [/bind]
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        // [call]
        const long sum = cluster.call(add(3, 4));
        cluster.call(note("the sum is known"));
        const std::string image = cluster.call(render({.title = "empty", .width = 5, .height = 2}));
        // [/call]
        std::cout << sum << '\n' << image;

        // [options]
        const std::string slow =
            cluster.call(render({.title = "large", .width = 3, .height = 3}),
                         {.deadline = 30s,
                          .attempt_timeout = 10s,
                          .retry = sheaf::retry{3}.backoff(100ms),
                          .on_progress = [](auto done, auto total) { std::cerr << done << " of " << total << '\n'; },
                          .on_warning = [](auto text) { std::cerr << text << '\n'; }});
        // [/options]
        std::cout << slow;
        return 0;
    });
}
