// What can be learnt from one day's web log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cereal/cereal.hpp>

/// A request that a log has a line about.
struct visit {
    std::string visitor;        ///< an address
    std::uint32_t seconds = 0;  ///< since midnight
    std::string page;
    std::uint32_t status = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(visitor), CEREAL_NVP(seconds), CEREAL_NVP(page), CEREAL_NVP(status));
    }
};

/// The log file cannot be read.
struct unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A line is "VISITOR HH:MM:SS PAGE STATUS". Lines that are not are left out.
std::vector<visit> parse_log(std::string_view text);
/// parse_log() of a file. Throws unreadable.
std::vector<visit> read_log(const std::string& path);

/// The visits that were answered.
std::vector<visit> answered(std::vector<visit> all);

struct sessions {
    std::uint64_t count = 0;
    std::uint64_t pages = 0;    ///< in all of them
    std::uint64_t longest = 0;  ///< pages in the longest

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(count), CEREAL_NVP(pages), CEREAL_NVP(longest));
    }
};
/// A session is what one visitor asked for without half an hour in between.
sessions find_sessions(const std::vector<visit>& all);

using page_counts = std::map<std::string, std::uint64_t>;
page_counts count_pages(const std::vector<visit>& all);
/// The `k` pages with the highest counts; of equal ones, the first by name.
std::vector<std::pair<std::string, std::uint64_t>> top(const page_counts& counts, std::size_t k);
