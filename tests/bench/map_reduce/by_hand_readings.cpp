// Means per sensor and hour with threads: keys and sums of types of one's own, in a table for each thread.
#include <algorithm>
#include <cinttypes>
#include <limits>
#include <unordered_map>

#include "by_hand.hpp"
#include "by_hand_tools.hpp"

namespace sheaf::bench {
namespace {

struct place_and_hour {
    std::uint32_t sensor = 0;
    std::uint16_t hour = 0;
    friend bool operator==(const place_and_hour&, const place_and_hour&) = default;
};

struct place_and_hour_hash {
    std::size_t operator()(const place_and_hour& key) const noexcept {
        return ((std::uint64_t{key.sensor} << 16) + key.hour) * 0x9e3779b97f4a7c15 >> 20;
    }
};

struct summary {
    std::uint64_t count = 0;
    double sum = 0;
    double least = std::numeric_limits<double>::infinity();
    double greatest = -std::numeric_limits<double>::infinity();

    void add(double value) {
        ++count;
        sum += value;
        least = std::min(least, value);
        greatest = std::max(greatest, value);
    }
    void merge(const summary& other) {
        count += other.count;
        sum += other.sum;
        least = std::min(least, other.least);
        greatest = std::max(greatest, other.greatest);
    }
};

using summaries = std::unordered_map<place_and_hour, summary, place_and_hour_hash>;

void add_records(std::string_view records, summaries& to) {
    for (std::size_t at = 0; at + 16 <= records.size(); at += 16) {
        place_and_hour key;
        double value;
        std::memcpy(&key.sensor, records.data() + at, sizeof key.sensor);
        std::memcpy(&key.hour, records.data() + at + 4, sizeof key.hour);
        std::memcpy(&value, records.data() + at + 8, sizeof value);
        to[key].add(value);
    }
}

}  // namespace

void readings_by_hand(std::size_t threads, const std::string& input, const std::string& output) {
    const whole_file file(input);
    const std::string_view all = file.text();
    std::vector<summaries> found(threads);
    in_threads(threads, [&](std::size_t i) {
        const std::size_t records = all.size() / 16;
        const std::size_t begin = records * i / threads * 16;
        add_records(all.substr(begin, records * (i + 1) / threads * 16 - begin), found[i]);
    });
    for (std::size_t i = 1; i < threads; ++i) {
        for (const auto& [key, sums] : found[i]) found[0][key].merge(sums);
    }
    written_file out(output);
    for (const auto& [key, sums] : found[0]) {
        char line[160];
        const int length =
            std::snprintf(line, sizeof line, "%" PRIu32 "\t%u\t%" PRIu64 "\t%.6f\t%.3f\t%.3f\n", key.sensor, key.hour,
                          sums.count, sums.sum / static_cast<double>(sums.count), sums.least, sums.greatest);
        out.put({line, static_cast<std::size_t>(length)});
    }
    out.flush();
}

}  // namespace sheaf::bench
