// The arithmetic of splits.
#include "input/split_plan.hpp"

#include <algorithm>
#include <limits>

#include "input/piece_reader.hpp"
#include <sheaf/detail/record_lengths.hpp>

namespace sheaf::detail {
namespace {

constexpr std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) {
    return value / by + (value % by != 0 ? 1 : 0);
}

bool is_packed(const input_format& format, const input_file& file) {
    return packing_of(format, file.path) != compression::none;
}

bool is_planned(const input_format& format, const input_file& file) {
    return file.size != 0 || format.records == record_format::whole_files;
}

std::uint64_t cost_of(const input_format& format, const input_file& file, const split_policy& how) {
    if (how.bytes_exact != 0) return file.size;
    return how.open_cost + (is_packed(format, file) ? file.size * how.unpacking_cost : file.size);
}

// How many bytes the first of `records` have that are `wanted` together, or all that there are.
std::size_t records_of_about(std::string_view records, std::uint64_t wanted) {
    length_cursor cursor(records);
    std::string_view record;
    while (cursor.next(record)) {
        if (cursor.position() >= wanted) return cursor.position();
    }
    return records.size();
}

// Appends to the last split until it is full, then opens the next.
class split_packer {
  public:
    split_packer(std::uint64_t target, const split_policy& how) : target_(target), how_(how) {}

    void add(const seen_input& all, std::uint32_t input) {
        filled_ = target_;  // inputs do not share splits
        for (const input_file& file : all.files) {
            if (!is_planned(all.format, file)) continue;
            if (all.format.records == record_format::whole_files || is_packed(all.format, file)) {
                add_whole(file, input, cost_of(all.format, file, how_));
            } else {
                add_cut(file, input);
            }
        }
        add_numbers(all, input);
        add_values(all, input);
        for (const std::string& part : all.parts) {
            splits_.push_back({{.length = std::max<std::uint64_t>(1, part.size()),
                                .file_size = part.size(),
                                .input = input,
                                .indivisible = true,
                                .content = part}});
        }
    }

    [[nodiscard]] std::vector<input_split>&& splits() && { return std::move(splits_); }

  private:
    static input_piece piece_of(const input_file& file, std::uint32_t input, std::uint64_t offset,
                                std::uint64_t length) {
        return {.path = file.path,
                .offset = offset,
                .length = length,
                .file_size = file.size,
                .input = input,
                .tag = file.tag};
    }

    void add_whole(const input_file& file, std::uint32_t input, std::uint64_t cost) {
        // It may overfill a split by a little, as the end of a file that is cut may.
        if (filled_ >= target_ || filled_ + cost > target_ + target_ / 8) start_split();
        splits_.back().push_back(piece_of(file, input, 0, file.size));
        splits_.back().back().indivisible = true;
        filled_ += cost;
    }

    void add_cut(const input_file& file, std::uint32_t input) {
        for (std::uint64_t offset = 0; offset < file.size;) {
            if (filled_ >= target_) start_split();
            const std::uint64_t length = piece_length(file.size - offset);
            splits_.back().push_back(piece_of(file, input, offset, length));
            offset += length;
            filled_ += length + (how_.bytes_exact != 0 ? 0 : how_.open_cost);
        }
    }

    // What a number costs is not known; so there are as many splits as are wanted, of equal size.
    void add_numbers(const seen_input& all, std::uint32_t input) {
        if (all.numbers == 0) return;
        const std::uint64_t size =
            how_.bytes_exact != 0 ? how_.bytes_exact : divide_up(all.numbers, how_.splits_wanted());
        for (std::uint64_t at = 0; at < all.numbers; at += std::min(size, all.numbers - at)) {
            splits_.push_back(
                {{.offset = at, .length = std::min(size, all.numbers - at), .file_size = all.numbers, .input = input}});
        }
    }

    // Nor what a value does. Values travel in the assignments, which should not be large.
    void add_values(const seen_input& all, std::uint32_t input) {
        const std::uint64_t size =
            how_.bytes_exact != 0 ? how_.bytes_exact : divide_up(all.values.size(), how_.splits_wanted());
        const std::uint64_t target = std::clamp<std::uint64_t>(size, 1, how_.shipped_max);
        for (std::size_t at = 0; at < all.values.size();) {
            const std::size_t length = records_of_about(all.values.substr(at), target);
            splits_.push_back({{.offset = at,
                                .length = length,
                                .file_size = all.values.size(),
                                .input = input,
                                .indivisible = true,
                                .content = std::string(all.values.substr(at, length))}});
            at += length;
        }
    }

    void start_split() {
        splits_.emplace_back();
        filled_ = 0;
    }

    // What is left of the file goes along when it would make a piece not worth opening the file again for.
    [[nodiscard]] std::uint64_t piece_length(std::uint64_t left) const {
        const std::uint64_t room = target_ - filled_;
        return left <= room || left - room <= target_ / 8 ? left : room;
    }

    std::uint64_t target_;
    const split_policy& how_;
    std::uint64_t filled_ = 0;
    std::vector<input_split> splits_;
};

// [first, last) in up to `ways` parts of about equal size.
template <class Take>
void cut_range(std::uint64_t first, std::uint64_t last, std::size_t ways, Take&& take) {
    const std::uint64_t size = std::max<std::uint64_t>(1, divide_up(last - first, ways));
    for (std::uint64_t at = first; at < last; at += std::min(size, last - at)) take(at, std::min(size, last - at));
}

// How many records there are is not known, so the parts grow: whoever is in the first ones is found soon.
template <class Take>
void cut_open_range(std::uint64_t first, std::size_t ways, Take&& take) {
    constexpr std::uint64_t size_max = std::uint64_t{1} << 40;
    std::uint64_t size = 1;
    for (std::size_t i = 1; i < ways && size < size_max; ++i, size *= 16) {
        take(first, size);
        first += size;
    }
    take(first, std::numeric_limits<std::uint64_t>::max() - first);
}

}  // namespace

std::uint64_t split_policy::splits_wanted() const noexcept {
    return std::max<std::uint64_t>(1, slots * splits_per_slot);
}

std::uint64_t split_size(std::uint64_t total_cost, const split_policy& how) {
    if (how.bytes_exact != 0) return how.bytes_exact;
    const std::uint64_t size = std::clamp(divide_up(total_cost, how.splits_wanted()), how.bytes_min, how.bytes_max);
    // As many splits, but of equal size: the last is not a small rest.
    return std::max<std::uint64_t>(1, divide_up(total_cost, std::max<std::uint64_t>(1, divide_up(total_cost, size))));
}

std::vector<input_split> plan_splits(const std::vector<seen_input>& inputs, const split_policy& how) {
    std::uint64_t total_cost = 0;
    for (const seen_input& one : inputs) {
        for (const input_file& file : one.files) {
            if (is_planned(one.format, file)) total_cost += cost_of(one.format, file, how);
        }
    }
    split_packer packer(split_size(total_cost, how), how);
    for (std::size_t i = 0; i < inputs.size(); ++i) packer.add(inputs[i], static_cast<std::uint32_t>(i));
    return std::move(packer).splits();
}

std::string describe_split(const input_split& pieces, const input_formats& formats) {
    const input_piece& first = pieces.front();
    if (pieces.size() > 1) return first.path + " to " + pieces.back().path;
    std::string text;
    if (first.path.empty()) {
        const input_format& format = formats[first.input];
        const bool numbers = format.records == record_format::numbers;
        const auto number = [&](std::uint64_t at) {
            return std::to_string(static_cast<std::int64_t>(static_cast<std::uint64_t>(format.first_number) + at));
        };
        text = numbers ? "numbers " + number(first.offset) + " to before " + number(first.offset + first.length)
                       : "bytes " + std::to_string(first.offset) + " to " +
                             std::to_string(first.offset + first.length) + " of the values";
    } else {
        text = first.path;
        if (!first.indivisible) {
            text += ", bytes " + std::to_string(first.offset) + " to " + std::to_string(first.offset + first.length);
        }
    }
    if (first.has_all_records()) return text;
    return text + ", records " + std::to_string(first.first_record) + " to " + std::to_string(first.last_record);
}

std::vector<input_piece> cut_piece(const input_piece& piece, const input_format& format, std::size_t ways) {
    if (format.records == record_format::whole_files || format.records == record_format::source) return {piece};
    std::vector<input_piece> parts;
    const auto add_records = [&](std::uint64_t first, std::uint64_t count) {
        parts.push_back(piece);
        parts.back().first_record = first;
        parts.back().last_record = first + count;
    };
    if (!piece.indivisible) {
        cut_range(piece.offset, piece.offset + piece.length, ways, [&](std::uint64_t offset, std::uint64_t length) {
            parts.push_back(piece);
            parts.back().offset = offset;
            parts.back().length = length;
        });
    } else if (piece.last_record == std::numeric_limits<std::uint64_t>::max()) {
        cut_open_range(piece.first_record, ways, add_records);
    } else {
        cut_range(piece.first_record, piece.last_record, ways, add_records);
    }
    return parts;
}

std::uint32_t plan_partitions(std::uint64_t input_bytes, std::size_t slots, std::uint64_t partition_bytes) {
    constexpr std::uint64_t wanted_max = 1024;
    const std::uint64_t worth = 1 + input_bytes / (1U << 20);
    const std::uint64_t needed = partition_bytes == 0 ? 1 : divide_up(input_bytes, partition_bytes);
    const std::uint64_t wanted = std::max<std::uint64_t>({1, 2 * std::uint64_t{slots}, needed});
    return static_cast<std::uint32_t>(std::min({worth, wanted, wanted_max}));
}

}  // namespace sheaf::detail
