// A sort of records with threads: keys with the records' numbers are sorted in halves, merged, and followed.
#include <algorithm>
#include <bit>

#include "by_hand.hpp"
#include "by_hand_tools.hpp"

namespace sheaf::bench {
namespace {

constexpr std::size_t record_bytes = 100;

struct sort_key {
    std::uint64_t high;
    std::uint32_t low;
    std::uint32_t number;

    friend bool operator<(const sort_key& a, const sort_key& b) {
        return a.high != b.high ? a.high < b.high : a.low < b.low;
    }
};

sort_key key_of(const char* record, std::size_t number) {
    static_assert(std::endian::native == std::endian::little);
    std::uint64_t high;
    std::uint16_t low;
    std::memcpy(&high, record, sizeof high);
    std::memcpy(&low, record + sizeof high, sizeof low);
    return {__builtin_bswap64(high), __builtin_bswap16(low), static_cast<std::uint32_t>(number)};
}

// Sorted parts, one for each thread, become one sorted whole.
void merge_parts(std::vector<sort_key>& keys, std::size_t parts) {
    for (std::size_t width = 1; width < parts; width *= 2) {
        const std::size_t pairs = (parts + 2 * width - 1) / (2 * width);
        in_threads(pairs, [&](std::size_t pair) {
            const auto at = [&](std::size_t part) {
                return keys.begin() + static_cast<std::ptrdiff_t>(keys.size() * std::min(part, parts) / parts);
            };
            const std::size_t first = pair * 2 * width;
            std::inplace_merge(at(first), at(first + width), at(first + 2 * width));
        });
    }
}

void write_all(int fd, const std::string& bytes, std::size_t offset) {
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t n = ::pwrite(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
        if (n <= 0) throw std::runtime_error("cannot write the sorted records");
        done += static_cast<std::size_t>(n);
    }
}

}  // namespace

void sort_by_hand(std::size_t threads, const std::string& input, const std::string& output) {
    const whole_file file(input);
    const char* const records = file.text().data();
    const std::size_t count = file.text().size() / record_bytes;
    std::vector<sort_key> keys(count);
    in_threads(threads, [&](std::size_t i) {
        const std::size_t begin = count * i / threads;
        const std::size_t end = count * (i + 1) / threads;
        for (std::size_t at = begin; at < end; ++at) keys[at] = key_of(records + at * record_bytes, at);
        std::sort(keys.begin() + static_cast<std::ptrdiff_t>(begin), keys.begin() + static_cast<std::ptrdiff_t>(end));
    });
    merge_parts(keys, threads);
    const int fd = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) throw std::runtime_error("cannot create " + output);
    in_threads(threads, [&](std::size_t i) {
        constexpr std::size_t at_once = 4096;
        std::string block;
        const std::size_t end = count * (i + 1) / threads;
        for (std::size_t at = count * i / threads; at < end; at += at_once) {
            block.clear();
            for (std::size_t j = at; j < std::min(end, at + at_once); ++j) {
                block.append(records + keys[j].number * record_bytes, record_bytes);
            }
            write_all(fd, block, at * record_bytes);
        }
    });
    if (::close(fd) != 0) throw std::runtime_error("cannot write " + output);
}

}  // namespace sheaf::bench
