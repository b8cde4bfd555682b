// A radix sort from the first byte on, in place, of 8 bytes of the keys at a time: it moves items and reads no records until their
// first bytes are all equal.
#include <array>
#include <utility>

#include <sheaf/detail/key_prefix.hpp>
#include <sheaf/detail/record.hpp>
#include <sheaf/detail/sort_items.hpp>

namespace sheaf::detail {

namespace {

constexpr std::size_t small_count = 24;  // what an insertion sort does faster
constexpr std::size_t windows_max = 16;  // of 8 bytes; beyond, keys are compared as a whole

class item_sorter {
  public:
    explicit item_sorter(const char* arena) noexcept : arena_(arena) {}

    // By the byte of the prefix that is `shift` bits up, and those below.
    void by_prefix(std::span<sort_item> items, unsigned shift, std::size_t window) {
        for (;; shift -= 8) {
            if (items.size() <= small_count) return insert(items, window);
            std::array<std::size_t, 257> ends{};
            for (const sort_item& one : items) ++ends[digit(one, shift) + 1];
            // One value only, as in the first bytes of numbers or of paths: nothing has to be moved.
            if (ends[digit(items.front(), shift) + 1] == items.size()) {
                if (shift == 0) return of_one_prefix(items, window);
                continue;
            }
            for (std::size_t i = 0; i < 256; ++i) ends[i + 1] += ends[i];
            permute(items, shift, ends);
            for (std::size_t i = 0; i < 256; ++i) {
                const std::span<sort_item> part = items.subspan(ends[i], ends[i + 1] - ends[i]);
                if (part.size() < 2) continue;
                if (shift == 0) {
                    of_one_prefix(part, window);
                } else {
                    by_prefix(part, shift - 8, window);
                }
            }
            return;
        }
    }

  private:
    [[nodiscard]] static std::size_t digit(const sort_item& one, unsigned shift) noexcept {
        return one.prefix >> shift & 0xff;
    }

    // Puts each item into its digit's range: [ends[d], ends[d + 1]).
    static void permute(std::span<sort_item> items, unsigned shift, const std::array<std::size_t, 257>& ends) {
        std::array<std::size_t, 256> next;
        std::copy_n(ends.begin(), next.size(), next.begin());
        for (std::size_t d = 0; d < 256; ++d) {
            while (next[d] != ends[d + 1]) {
                sort_item one = items[next[d]];
                for (std::size_t to = digit(one, shift); to != d; to = digit(one, shift)) {
                    std::swap(one, items[next[to]++]);
                }
                items[next[d]++] = one;
            }
        }
    }

    // All prefixes are equal: keys that end there come first, and longer ones go by their next bytes.
    void of_one_prefix(std::span<sort_item> items, std::size_t window) {
        std::sort(items.begin(), items.end(),
                  [](const sort_item& a, const sort_item& b) { return a.size_and_offset < b.size_and_offset; });
        const auto first_long =
            std::partition_point(items.begin(), items.end(), [](const sort_item& one) { return !one.has_long_key(); });
        const std::span<sort_item> longer(first_long, items.end());
        if (longer.size() < 2) return;
        if (window + 1 == windows_max) {
            std::sort(longer.begin(), longer.end(),
                      [this, window](const sort_item& a, const sort_item& b) { return before(a, b, window); });
            return;
        }
        for (sort_item& one : longer) {
            const std::string_view rest = key_of(one).substr(8 * (window + 1));
            one = sort_item::of(key_prefix(rest), rest.size(), one.offset());
        }
        by_prefix(longer, 56, window + 1);
    }

    void insert(std::span<sort_item> items, std::size_t window) const {
        for (std::size_t i = 1; i < items.size(); ++i) {
            const sort_item one = items[i];
            std::size_t at = i;
            for (; at > 0 && before(one, items[at - 1], window); --at) items[at] = items[at - 1];
            items[at] = one;
        }
    }

    [[nodiscard]] bool before(const sort_item& a, const sort_item& b, std::size_t window) const {
        if (a.prefix != b.prefix) return a.prefix < b.prefix;
        if (a.has_long_key() && b.has_long_key()) {
            const std::size_t known = 8 * (window + 1);
            const int order = key_of(a).substr(known).compare(key_of(b).substr(known));
            if (order != 0) return order < 0;
        }
        return a.size_and_offset < b.size_and_offset;
    }

    [[nodiscard]] std::string_view key_of(const sort_item& one) const noexcept {
        const char* const record = arena_ + one.offset();
        std::uint64_t size = 0;
        const char* const key = read_varint(record, record + varint_bytes_max, size);
        return {key, static_cast<std::size_t>(size)};
    }

    const char* arena_;
};

}  // namespace

void sort_items(std::span<sort_item> items, const char* arena) { item_sorter(arena).by_prefix(items, 56, 0); }

}  // namespace sheaf::detail
