// Means per sensor and hour with threads: keys and sums of types of one's own. Each thread has a table within the same budget as a worker
// of Sheaf's; when it is full, its entries go to files, by the hash of their keys, which are then merged file by file.
#include <algorithm>
#include <bit>
#include <cinttypes>
#include <filesystem>
#include <limits>
#include <memory>

#include "by_hand.hpp"
#include "by_hand_tools.hpp"

namespace sheaf::bench {
namespace {

constexpr std::size_t budget = std::size_t{64} << 20;
constexpr std::size_t shares = 16;

struct place_and_hour {
    std::uint32_t sensor = 0;
    std::uint16_t hour = 0;
    friend bool operator==(const place_and_hour&, const place_and_hour&) = default;
};

std::uint64_t hash_of(const place_and_hour& key) {
    const std::uint64_t mixed = ((std::uint64_t{key.sensor} << 16) + key.hour) * 0x9e3779b97f4a7c15;
    return mixed ^ mixed >> 32;
}

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

struct entry {
    place_and_hour key;
    summary sums;  // of no value: the entry is empty
};

// Open addressing in half of the budget or more, filled to three quarters.
class summary_table {
  public:
    [[nodiscard]] bool full() const noexcept { return size_ >= entries_.size() / 4 * 3; }
    summary& operator[](const place_and_hour& key) {
        std::size_t at = hash_of(key) & mask_;
        for (; entries_[at].sums.count != 0; at = (at + 1) & mask_) {
            if (entries_[at].key == key) return entries_[at].sums;
        }
        ++size_;
        entries_[at].key = key;
        return entries_[at].sums;
    }
    // Calls take(entry) for each, and empties the table.
    template <class Take>
    void drain(Take&& take) {
        for (entry& one : entries_) {
            if (one.sums.count == 0) continue;
            take(std::as_const(one));
            one = {};
        }
        size_ = 0;
    }

  private:
    std::vector<entry> entries_ = std::vector<entry>(std::bit_floor(budget / sizeof(entry)));
    std::size_t mask_ = entries_.size() - 1;
    std::size_t size_ = 0;
};

// Entries on disk, of one thread, in a file for each share of the keys.
class spilled_entries {
  public:
    explicit spilled_entries(const std::string& prefix) {
        for (std::size_t i = 0; i < shares; ++i) {
            paths_.push_back(prefix + std::to_string(i));
            files_.push_back(std::make_unique<written_file>(paths_.back()));
        }
    }
    void put(const entry& one) {
        files_[hash_of(one.key) >> 60]->put({reinterpret_cast<const char*>(&one), sizeof one});
    }
    void close() {
        for (const auto& file : files_) file->flush();
        files_.clear();
    }
    template <class Take>
    void take_share(std::size_t share, Take&& take) {
        {
            const whole_file file(paths_[share]);
            for (std::size_t at = 0; at < file.text().size(); at += sizeof(entry)) {
                entry one;
                std::memcpy(&one, file.text().data() + at, sizeof one);
                take(one);
            }
        }
        ::unlink(paths_[share].c_str());
    }

  private:
    std::vector<std::string> paths_;
    std::vector<std::unique_ptr<written_file>> files_;
};

void spill_records(std::string_view records, summary_table& table, spilled_entries& to) {
    for (std::size_t at = 0; at + 16 <= records.size(); at += 16) {
        place_and_hour key;
        double value;
        std::memcpy(&key.sensor, records.data() + at, sizeof key.sensor);
        std::memcpy(&key.hour, records.data() + at + 4, sizeof key.hour);
        std::memcpy(&value, records.data() + at + 8, sizeof value);
        table[key].add(value);
        if (table.full()) table.drain([&to](const entry& one) { to.put(one); });
    }
    table.drain([&to](const entry& one) { to.put(one); });
    to.close();
}

void write_share(summary_table& merged, std::vector<std::unique_ptr<spilled_entries>>& from, std::size_t share,
                 written_file& out) {
    for (const auto& one : from) {
        one->take_share(share, [&merged](const entry& spilled) {
            if (merged.full()) throw std::runtime_error("a share of the keys is too large for the budget");
            merged[spilled.key].merge(spilled.sums);
        });
    }
    merged.drain([&out](const entry& one) {
        char line[160];
        const int length = std::snprintf(
            line, sizeof line, "%" PRIu32 "\t%u\t%" PRIu64 "\t%.6f\t%.3f\t%.3f\n", one.key.sensor, one.key.hour,
            one.sums.count, one.sums.sum / static_cast<double>(one.sums.count), one.sums.least, one.sums.greatest);
        out.put({line, static_cast<std::size_t>(length)});
    });
}

}  // namespace

void readings_by_hand(std::size_t threads, const std::string& input, const std::string& output) {
    std::filesystem::create_directory(output);
    const whole_file file(input);
    const std::string_view all = file.text();
    std::vector<summary_table> tables(threads);
    std::vector<std::unique_ptr<spilled_entries>> spilled(threads);
    in_threads(threads, [&](std::size_t i) {
        spilled[i] = std::make_unique<spilled_entries>(output + "/spilled-" + std::to_string(i) + "-");
        const std::size_t records = all.size() / 16;
        const std::size_t begin = records * i / threads * 16;
        spill_records(all.substr(begin, records * (i + 1) / threads * 16 - begin), tables[i], *spilled[i]);
    });
    in_threads(threads, [&](std::size_t i) {
        written_file out(output + "/part-" + std::to_string(i));
        for (std::size_t share = i; share < shares; share += threads) write_share(tables[i], spilled, share, out);
        out.flush();
    });
}

}  // namespace sheaf::bench
