#include "store/log_check.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

namespace sheaf::store {
namespace {

namespace fs = std::filesystem;

// The format is SQLite's: https://www.sqlite.org/fileformat2.html#walformat
constexpr std::size_t header_bytes = 32;
constexpr std::size_t frame_header_bytes = 24;
constexpr std::uint32_t magic = 0x377f0682;  // its last bit: checksums are of big-endian words
constexpr std::uint32_t page_bytes_min = 512;
constexpr std::uint32_t page_bytes_max = 65536;

std::uint32_t byte_at(std::span<const char> bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

std::uint32_t big_endian(std::span<const char> bytes, std::size_t at) {
    return byte_at(bytes, at) << 24 | byte_at(bytes, at + 1) << 16 | byte_at(bytes, at + 2) << 8 |
           byte_at(bytes, at + 3);
}

std::uint32_t little_endian(std::span<const char> bytes, std::size_t at) {
    return byte_at(bytes, at + 3) << 24 | byte_at(bytes, at + 2) << 16 | byte_at(bytes, at + 1) << 8 |
           byte_at(bytes, at);
}

/// It runs on from the header through all frames.
class checksum {
  public:
    explicit checksum(bool of_big_endian) : word_(of_big_endian ? &big_endian : &little_endian) {}
    /// `bytes`: a multiple of eight.
    void add(std::span<const char> bytes) {
        for (std::size_t at = 0; at < bytes.size(); at += 8) {
            first_ += word_(bytes, at) + second_;
            second_ += word_(bytes, at + 4) + first_;
        }
    }
    /// Goes on from what stands at `at`.
    void go_on_from(std::span<const char> bytes, std::size_t at) {
        first_ = big_endian(bytes, at);
        second_ = big_endian(bytes, at + 4);
    }
    /// Whether it is what stands at `at`.
    [[nodiscard]] bool is(std::span<const char> bytes, std::size_t at) const {
        return big_endian(bytes, at) == first_ && big_endian(bytes, at + 4) == second_;
    }

  private:
    std::uint32_t (*word_)(std::span<const char>, std::size_t);
    std::uint32_t first_ = 0;
    std::uint32_t second_ = 0;
};

struct log_header {
    std::uint32_t page_bytes = 0;
    std::array<char, 8>
        salts{};  ///< all frames of this log have them; those of earlier ones, which are written over, have not
    checksum sum{false};
};

// Nothing when SQLite would not take it for one.
std::optional<log_header> read_header(std::span<const char> bytes) {
    const std::uint32_t mark = big_endian(bytes, 0);
    const std::uint32_t page = big_endian(bytes, 8);
    const bool is_power = (page & (page - 1)) == 0;
    if ((mark & ~1U) != magic || page < page_bytes_min || page > page_bytes_max || !is_power) return std::nullopt;
    log_header header{.page_bytes = page, .salts = {}, .sum = checksum((mark & 1U) != 0)};
    std::copy_n(bytes.begin() + 16, header.salts.size(), header.salts.begin());
    header.sum.add(bytes.first(24));
    if (!header.sum.is(bytes, 24)) return std::nullopt;
    return header;
}

/// Takes frame after frame.
class frame_count {
  public:
    explicit frame_count(const log_header& header) : header_(header), sum_(header.sum) {}

    void take(std::span<const char> frame) {
        ++frames_;
        const checksum before = stated_;
        stated_.go_on_from(frame, 16);
        const bool has_salts = std::equal(header_.salts.begin(), header_.salts.end(), frame.begin() + 8);
        const bool ends_commit = big_endian(frame, 4) != 0;
        const bool is_next = is_whole_ && follows(sum_, frame);
        const bool is_of_this_log = has_salts || is_next;  // then these alone are broken
        is_whole_ = is_next && has_salts;
        if (is_whole_) {
            sum_ = stated_;
            return note_whole(ends_commit);
        }
        const bool is_after_commit = std::exchange(was_commit_, is_of_this_log && ends_commit);
        if (!is_of_this_log) return;
        // A batch that could not be written may leave frames, too; but the next commit, written over their front, is not what they follow.
        if (has_broken_commit_ && (is_after_commit || ends_commit) && follows(before, frame)) has_more_ = true;
        has_broken_commit_ = has_broken_commit_ || ends_commit;
        last_ = frames_;
    }

    [[nodiscard]] log_account account() const {
        const std::uint64_t frame_bytes = frame_header_bytes + header_.page_bytes;
        return {.commits = commits_,
                .bytes = header_bytes + committed_ * frame_bytes,
                .bytes_after = (last_ - committed_) * frame_bytes,
                .is_damaged = has_more_};
    }

  private:
    /// Whether `frame` was written after one with the checksum `sum`, and is what was written.
    static bool follows(checksum sum, std::span<const char> frame) {
        sum.add(frame.first(8));
        sum.add(frame.subspan(frame_header_bytes));
        return sum.is(frame, 16);
    }
    void note_whole(bool ends_commit) {
        last_ = frames_;
        if (!ends_commit) return;
        committed_ = frames_;
        ++commits_;
    }

    const log_header& header_;
    checksum sum_;
    checksum stated_ = sum_;  ///< what the last frame says of itself, be it right or wrong
    std::uint64_t frames_ = 0;
    std::uint64_t commits_ = 0;
    std::uint64_t committed_ = 0;     ///< how many frames the whole commits have
    std::uint64_t last_ = 0;          ///< the number of the last frame of this log
    bool is_whole_ = true;            ///< so far
    bool was_commit_ = false;         ///< the last frame, where it was not whole any more, ended one
    bool has_broken_commit_ = false;  ///< a commit ends where it was not whole any more
    bool has_more_ = false;           ///< and something follows
};

bool read_all(std::istream& from, std::span<char> into) {
    from.read(into.data(), static_cast<std::streamsize>(into.size()));
    return static_cast<std::size_t>(from.gcount()) == into.size();
}

// Up to the last that is not zero: room may have been made behind what is written.
std::uint64_t bytes_left(std::istream& from) {
    std::array<char, 4096> some{};
    std::uint64_t before = 0;
    std::uint64_t written = 0;
    do {
        from.read(some.data(), some.size());
        const auto count = static_cast<std::size_t>(from.gcount());
        const auto end = std::find_if(some.rend() - static_cast<std::ptrdiff_t>(count), some.rend(),
                                      [](char byte) { return byte != 0; });
        if (end != some.rend()) written = before + static_cast<std::uint64_t>(some.rend() - end);
        before += count;
    } while (from);
    return written;
}

// SQLite follows links, and has what belongs to a file beside the file itself.
fs::path beside(const fs::path& path, const char* suffix) {
    std::error_code why;
    const fs::path file = fs::canonical(path, why);
    return (why ? path : file).string() + suffix;
}

}  // namespace

log_account check_log(std::istream& log) {
    std::array<char, header_bytes> start{};
    if (!read_all(log, start)) return {};
    const auto header = read_header(start);
    if (!header) {
        // It is on the disk before the first frame is.
        const std::uint64_t rest = bytes_left(log);
        return {.bytes_after = rest, .is_damaged = rest >= frame_header_bytes + page_bytes_min};
    }
    frame_count frames(*header);
    std::vector<char> frame(frame_header_bytes + header->page_bytes);
    while (read_all(log, frame)) frames.take(frame);
    return frames.account();
}

fs::path log_of(const fs::path& path) { return beside(path, "-wal"); }

fs::path journal_of(const fs::path& path) { return beside(path, "-journal"); }

log_account check_log_of(const fs::path& path) {
    std::ifstream log(log_of(path), std::ios::binary);
    return log ? check_log(log) : log_account{};
}

std::string words_of_damage(const fs::path& path, const log_account& found) {
    return "its log " + log_of(path).string() + " is damaged: the " + std::to_string(found.bytes_after) +
           " bytes after its last whole commit cannot be used. Jobs, and ends of jobs, that were acknowledged in them "
           "are lost; all before is there. (With --durability relaxed this is also what a crash of the machine may "
           "leave.)";
}

fs::path set_damaged_log_aside(const fs::path& path) {
    const std::string name = log_of(path).string() + ".damaged";
    fs::path aside = name;
    for (int number = 2; fs::exists(aside); ++number) aside = name + "-" + std::to_string(number);
    fs::copy_file(log_of(path), aside);
    return aside;
}

}  // namespace sheaf::store
