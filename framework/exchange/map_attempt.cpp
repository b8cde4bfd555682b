#include <algorithm>
#include <utility>

#include <sheaf/detail/map_attempt.hpp>

namespace sheaf::detail {

segment_writer open_segment(const map_assignment& what, value_framing framing) {
    check_run_directory(what.run_directory, what.run_nonce);
    return segment_writer(what.run_directory, attempt_file_prefix("map", what.index, what.attempt) + unique_suffix(),
                          what.partitions, framing, what.compress);
}

void close_segment(segment_writer& writer, map_output& output) {
    output.file = writer.commit_file();
    output.records_out = writer.records();
    output.segment_bytes = writer.bytes();
    output.checksum = writer.checksum();
}

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "0x";
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += digits[value >> 4];
        text += digits[value & 15];
    }
    return text;
}

void add_counters(counters& sums, counters more) {
    for (auto& [name, count] : more) {
        const auto known = std::find_if(sums.begin(), sums.end(), [&](const auto& one) { return one.first == name; });
        if (known == sums.end()) {
            sums.emplace_back(std::move(name), count);
        } else {
            known->second += count;
        }
    }
}

}  // namespace sheaf::detail
