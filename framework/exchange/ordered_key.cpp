#include <cstring>

#include <sheaf/detail/ordered_key.hpp>

namespace sheaf::detail {

void append_ordered_text(std::string& to, std::string_view text) {
    for (std::size_t zero; (zero = text.find('\0')) != std::string_view::npos; text.remove_prefix(zero + 1)) {
        to.append(text.substr(0, zero)).append("\0\xff", 2);
    }
    to.append(text).append(2, '\0');
}

std::size_t read_ordered_text(std::string_view bytes, std::string& scratch, std::string_view& text) {
    const auto zero_after = [&bytes](std::size_t from) {
        const std::size_t zero = bytes.find('\0', from);
        if (zero == std::string_view::npos || zero + 1 == bytes.size())
            throw malformed_record("a text in a key has no end");
        return zero;
    };
    std::size_t zero = zero_after(0);
    if (bytes[zero + 1] == '\0') {
        text = bytes.substr(0, zero);
        return zero + 2;
    }
    scratch.clear();
    std::size_t begin = 0;
    for (; bytes[zero + 1] != '\0'; zero = zero_after(begin)) {
        if (bytes[zero + 1] != '\xff') throw malformed_record("a text in a key is not as it is written");
        scratch.append(bytes.substr(begin, zero + 1 - begin));
        begin = zero + 2;
    }
    scratch.append(bytes.substr(begin, zero - begin));
    text = scratch;
    return zero + 2;
}

void ordered_output::go_long() {
    if (!is_short()) return;
    rest_.clear();
    char bytes[16];
    packed().store(bytes);
    rest_.append(bytes, size_);
    size_ = short_key::bytes_max + 1;
}

void ordered_output::put_long(std::uint64_t bits, std::size_t size) {
    go_long();
    char bytes[8];
    for (std::size_t i = size; i-- > 0; bits >>= 8) bytes[i] = static_cast<char>(bits & 0xff);
    rest_.append(bytes, size);
}

bool ordered_input::take_mark() {
    const auto mark = take<std::uint8_t>();
    if (mark > 1) throw malformed_record("a mark in a key is neither 0 nor 1");
    return mark == 1;
}

std::string_view ordered_input::take_text() {
    std::string_view text;
    left_.remove_prefix(read_ordered_text(left_, scratch_, text));
    return text;
}

}  // namespace sheaf::detail
