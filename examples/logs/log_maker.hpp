// Web logs that look real enough, the same for the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

/// The log of one day: `lines` visits in the order of time, some of them failed, and a line now and then that is none.
std::string make_log(std::uint64_t seed, std::uint32_t day, std::size_t lines);

/// A directory of its own, with one log a day; gone with the object. Throws std::system_error.
class made_logs {
  public:
    made_logs(std::uint64_t seed, std::uint32_t days, std::size_t lines);
    ~made_logs();
    made_logs(const made_logs&) = delete;
    made_logs& operator=(const made_logs&) = delete;

    [[nodiscard]] std::string path(std::uint32_t day) const;

  private:
    std::filesystem::path directory_;
};
