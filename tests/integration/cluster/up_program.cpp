// A program for clusters of one's own: its handlers do what the test tells them, and its driver says what it was given.
#include <fstream>
#include <iostream>
#include <span>
#include <string>

#include <sheaf/sheaf.hpp>

namespace {

inline constexpr sheaf::task<"up.reverse", std::string(std::string), sheaf::raw> reverse{};
/// Says that it has begun, by a warning, and returns the first line of the file that is named: of a pipe, in tests.
inline constexpr sheaf::task<"up.read", std::string(std::string), sheaf::raw> read_line{};

std::string read_when_written(sheaf::context& call, const std::string& path) {
    call.warn("begun");
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

int drive(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    for (const std::string& one : arguments) std::cout << cluster.call(reverse(one)) << '\n';
    return 7;
}

}  // namespace

int main(int argc, char** argv) {
    sheaf::app app{"up_program"};
    app.bind(reverse, [](const std::string& text) { return std::string(text.rbegin(), text.rend()); });
    app.bind(read_line, read_when_written);
    return app.run(argc, argv, drive);
}
