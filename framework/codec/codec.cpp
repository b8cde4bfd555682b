#include <sheaf/codec.hpp>

namespace sheaf {

decode_error::decode_error(const std::string& what) : std::runtime_error("cannot decode: " + what) {}

decode_error::decode_error(const std::string& what, std::size_t offset)
    : std::runtime_error("cannot decode: " + what + " (at byte " + std::to_string(offset) + ")"), offset_(offset) {}

namespace codec {

output_archive::output_archive(std::string& to) : base(this), out(to) {}
output_archive::~output_archive() = default;

input_archive::input_archive(std::string_view bytes, const decode_limits& limits)
    : base(this), byte_source(bytes, limits) {}
input_archive::~input_archive() = default;

}  // namespace codec

namespace detail {

void throw_decode_error(const char* what, std::size_t offset) { throw decode_error(what, offset); }

std::uint64_t byte_source::varint() {
    constexpr unsigned last_shift = 63;
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift <= last_shift; shift += 7) {
        const auto byte = number<std::uint8_t>();
        value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if (byte < 0x80) {
            // One value has one encoding: no zeros in front, no bits beyond the 64th.
            if ((byte == 0 && shift != 0) || (shift == last_shift && byte > 1)) break;
            return value;
        }
    }
    fail("a count is written in a way that it must not be");
}

}  // namespace detail
}  // namespace sheaf
