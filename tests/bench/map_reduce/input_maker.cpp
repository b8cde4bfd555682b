#include "input_maker.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace sheaf::bench {
namespace {

class output_file {
  public:
    explicit output_file(const std::string& path) : path_(path), stream_(path, std::ios::binary) { check(); }
    void put(std::string_view bytes) { stream_.write(bytes.data(), static_cast<std::streamsize>(bytes.size())); }
    void close() {
        stream_.close();
        check();
    }

  private:
    void check() const {
        if (!stream_) throw std::runtime_error("cannot write " + path_);
    }

    std::string path_;
    std::ofstream stream_;
};

/// Numbers below 2^bits, the small ones more often: of one bit length as often as of another, which is Zipf's law in steps.
std::uint64_t skewed(std::mt19937_64& random, unsigned bits) {
    const std::uint64_t number = random();
    const unsigned length = static_cast<unsigned>(number % (bits + 1));
    return number >> 8 & ((std::uint64_t{1} << length) - 1);
}

class vocabulary {
  public:
    explicit vocabulary(std::mt19937_64& random) {
        words_.reserve(count);
        for (std::size_t rank = 0; rank < count; ++rank) words_.push_back(make_word(rank, random));
    }
    [[nodiscard]] const std::string& draw(std::mt19937_64& random) const { return words_[skewed(random, bits)]; }

  private:
    static constexpr unsigned bits = 20;
    static constexpr std::size_t count = std::size_t{1} << bits;

    // Unique by its last letters, which spell the rank.
    static std::string make_word(std::size_t rank, std::mt19937_64& random) {
        static constexpr std::string_view letters = "etaoinshrdlcumwfgypbvkjxqz";
        std::string word;
        if (rank > 64) word += letters[random() % letters.size()];
        for (std::size_t left = rank + 1; left != 0; left /= letters.size()) word += letters[left % letters.size()];
        return word;
    }

    std::vector<std::string> words_;
};

void append_words(std::string& line, std::size_t count, const vocabulary& words, std::mt19937_64& random) {
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) line += ' ';
        line += words.draw(random);
    }
}

}  // namespace

void make_text(const std::string& path, std::uint64_t bytes) {
    std::mt19937_64 random(1);
    const vocabulary words(random);
    output_file out(path);
    std::string line;
    for (std::uint64_t written = 0; written < bytes; written += line.size()) {
        line.clear();
        append_words(line, 8 + random() % 9, words, random);
        if (random() % 100'000 == 0) line.append(" ").append(needle);
        line += '\n';
        out.put(line);
    }
    out.close();
}

void make_documents(const std::string& path, std::uint64_t count) {
    std::mt19937_64 random(2);
    const vocabulary words(random);
    output_file out(path);
    for (std::uint64_t number = 0; number < count; ++number) {
        std::string line = std::to_string(number) + '\t';
        append_words(line, 100 + random() % 201, words, random);
        out.put(line += '\n');
    }
    out.close();
}

void make_records(const std::string& path, std::uint64_t count) {
    std::mt19937_64 random(3);
    output_file out(path);
    std::string record(100, ' ');
    record.replace(98, 2, "\r\n");
    for (std::uint64_t number = 0; number < count; ++number) {
        for (std::size_t i = 0; i < 10; ++i) record[i] = static_cast<char>(' ' + random() % 95);
        char text[33];
        std::snprintf(text, sizeof text, "%032llX", static_cast<unsigned long long>(number));
        record.replace(12, 32, text, 32);
        const std::uint64_t filler = random();
        for (std::size_t i = 0; i < 13; ++i) record.replace(46 + 4 * i, 4, 4, "0123456789ABCDEF"[filler >> 4 * i & 15]);
        out.put(record);
    }
    out.close();
}

void make_readings(const std::string& path, std::uint64_t count) {
    static_assert(std::endian::native == std::endian::little, "the bytes are written as they lie");
    std::mt19937_64 random(4);
    output_file out(path);
    for (std::uint64_t number = 0; number < count; ++number) {
        char record[16] = {};
        const auto sensor = static_cast<std::uint32_t>(skewed(random, 16));
        const auto hour = static_cast<std::uint16_t>(random() % 24);
        const double value = static_cast<double>(random() % 100'000) / 8;  // sums are exact, whatever the order
        std::memcpy(record, &sensor, sizeof sensor);
        std::memcpy(record + 4, &hour, sizeof hour);
        std::memcpy(record + 8, &value, sizeof value);
        out.put({record, sizeof record});
    }
    out.close();
}

}  // namespace sheaf::bench
