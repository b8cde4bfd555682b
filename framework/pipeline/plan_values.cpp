#include <string>

#include <sheaf/detail/envelope.hpp>
#include <sheaf/detail/plan_values.hpp>

namespace sheaf::detail {
namespace {

constexpr char value_mark = '\1';
constexpr char failure_mark = '\0';

std::size_t total_size(const std::vector<shared_bytes>& parts) {
    std::size_t size = 0;
    for (const shared_bytes& one : parts) size += one.size();
    return size;
}

void append_parts(std::string& out, const std::vector<shared_bytes>& parts) {
    out.reserve(out.size() + total_size(parts));
    for (const shared_bytes& one : parts) out.append(one.view());
}

void append_framed(std::string& out, const std::vector<shared_bytes>& parts) {
    for (const shared_bytes& one : parts) {
        append_count(out, one.size());
        out.append(one.view());
    }
}

}  // namespace

shared_bytes collected_value(std::string_view encoded) {
    std::string out(1, value_mark);
    return shared_bytes(out.append(encoded));
}

shared_bytes collected_failure(const failure& why) {
    std::string out(1, failure_mark);
    return shared_bytes(out.append(write_failure(why).view()));
}

result<std::string_view> read_collected(std::string_view bytes) {
    if (bytes.empty() || (bytes[0] != value_mark && bytes[0] != failure_mark)) {
        throw_decode_error("a collected result is neither a value nor a failure", 0);
    }
    if (bytes[0] == failure_mark) return read_failure(bytes.substr(1));
    return bytes.substr(1);
}

shared_bytes concatenated(const std::vector<shared_bytes>& parts) {
    std::string out;
    append_parts(out, parts);
    return shared_bytes(out);
}

shared_bytes counted(const std::vector<shared_bytes>& parts) {
    std::string out;
    append_count(out, parts.size());
    append_parts(out, parts);
    return shared_bytes(out);
}

shared_bytes framed(const std::vector<shared_bytes>& parts) {
    std::string out;
    append_framed(out, parts);
    return shared_bytes(out);
}

shared_bytes counted_and_framed(const std::vector<shared_bytes>& parts) {
    std::string out;
    append_count(out, parts.size());
    append_framed(out, parts);
    return shared_bytes(out);
}

std::size_t take_count(std::string_view& bytes) {
    byte_source source(bytes, {});
    const std::size_t count = source.count(1, 0);
    bytes.remove_prefix(source.consumed());
    return count;
}

std::size_t take_alternative(std::string_view& bytes) {
    byte_source source(bytes, {});
    const std::uint64_t index = source.varint();
    bytes.remove_prefix(source.consumed());
    return static_cast<std::size_t>(index);
}

std::string_view take_framed(std::string_view& bytes) {
    const std::size_t size = take_count(bytes);
    const std::string_view part = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return part;
}

void expect_no_more(std::string_view bytes) {
    if (!bytes.empty()) throw_decode_error("bytes follow the end of the value", 0);
}

}  // namespace sheaf::detail
