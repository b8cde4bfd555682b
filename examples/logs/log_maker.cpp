#include "log_maker.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <system_error>

namespace {

constexpr std::uint32_t seconds_a_day = 24 * 60 * 60;
constexpr std::uint32_t visitors = 500;
constexpr std::uint32_t pages = 40;

// Low numbers come far more often than high ones.
std::uint32_t skewed(std::mt19937_64& random, std::uint32_t below) {
    const std::uint64_t a = random() % below;
    const std::uint64_t b = random() % below;
    return static_cast<std::uint32_t>(a * b / below);
}

std::string make_line(std::mt19937_64& random, std::uint32_t seconds) {
    const auto visitor = static_cast<unsigned>(random() % visitors);
    char line[100];
    std::snprintf(line, sizeof line, "10.0.%u.%u %02u:%02u:%02u /page/%u %d\n", visitor / 250, visitor % 250,
                  seconds / 3600, seconds / 60 % 60, seconds % 60, skewed(random, pages),
                  random() % 20 == 0 ? 404 : 200);
    return line;
}

}  // namespace

std::string make_log(std::uint64_t seed, std::uint32_t day, std::size_t lines) {
    std::mt19937_64 random(seed * 1000 + day);
    std::string log;
    for (std::size_t line = 0; line < lines; ++line) {
        if (random() % 1000 == 0) log += "-- the server was restarted --\n";
        log += make_line(random, static_cast<std::uint32_t>(line * seconds_a_day / lines));
    }
    return log;
}

made_logs::made_logs(std::uint64_t seed, std::uint32_t days, std::size_t lines) {
    std::string name = std::filesystem::temp_directory_path() / "logs-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), name);
    directory_ = name;
    for (std::uint32_t day = 0; day < days; ++day) {
        std::ofstream file(path(day));
        if (!(file << make_log(seed, day, lines)).flush()) {
            throw std::system_error(errno, std::generic_category(), path(day));
        }
    }
}

made_logs::~made_logs() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

std::string made_logs::path(std::uint32_t day) const { return directory_ / ("day-" + std::to_string(day) + ".log"); }
