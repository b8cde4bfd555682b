#include "protocol/frame_reader.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/assert.hpp"

namespace sheaf::protocol {
namespace {

// A block starts at twice what has arrived and doubles: never more than twice the bytes received, plus this.
constexpr std::size_t block_start = 64 * 1024;
// A whole packet fits a block, which is below 4 GiB.
constexpr std::uint32_t body_bytes_possible = std::numeric_limits<std::uint32_t>::max() - header_size;
// What a peer begins with that takes this port for one that speaks TLS. Its user would wait for ever for an answer.
constexpr char tls_handshake_record = 0x16;
// Between messages a connection keeps no more than this.
constexpr std::size_t idle_capacity_max = 4 * 1024;

std::uint32_t get_u32(const char* at) noexcept {
    const auto byte = [at](int i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(at[i])); };
    return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
}

// Whether a job's worker sends it, with its handle before the data.
bool is_result(packet_type type) noexcept {
    const packet_info& row = info(type);
    return includes(row.from, sender::worker) && row.arguments == 1 && row.has_data;
}

}  // namespace

frame_reader::frame_reader(frame_limits limits) : limits_(limits) {
    SHEAF_ASSERT(std::max(limits.line_bytes_max, limits.block_bytes_min) <= scratch_bytes_min / 2,
                 "what waits for its end leaves room in the scratch");
    limits_.body_bytes_max = std::min(limits.body_bytes_max, body_bytes_possible);
}

std::span<char> frame_reader::prepare(std::span<char> scratch) {
    if (block_.valid()) {
        if (block_.size() == block_.capacity()) block_.grow(std::min(block_size_, 2 * block_.capacity()));
        target_ = {block_.data() + block_.size(), block_.capacity() - block_.size()};
        return target_;
    }
    SHEAF_ASSERT(scratch.size() >= scratch_bytes_min, "a message that has no block of its own fits the scratch");
    SHEAF_ASSERT(input_.empty(), "next() has said need_more");
    std::memcpy(scratch.data(), pending_.data(), pending_.size());
    target_ = scratch.subspan(pending_.size());
    return target_;
}

void frame_reader::received(std::size_t n) {
    SHEAF_ASSERT(n <= target_.size(), "no more is received than there was room for");
    if (block_.valid()) {
        block_.resize(block_.size() + n);
    } else if (n != 0) {
        input_ = {target_.data() - pending_.size(), pending_.size() + n};
        pending_.clear();
    }
    target_ = {};
}

frame_reader::status frame_reader::next() {
    // Not later: a peer that says nothing more for an hour must not hold its last large packet for so long.
    if (!large_.empty()) large_ = {};
    if (failed_) return status::error;
    if (block_.valid()) return finish_block();
    skip();
    if (input_.empty()) return wait_for_more();
    return input_.front() == '\0' ? next_packet() : next_line();
}

frame_reader::status frame_reader::next_packet() {
    if (input_.size() < header_size) return wait_for_more();
    direction way{};
    if (input_.starts_with(magic(direction::request))) {
        way = direction::request;
    } else if (input_.starts_with(magic(direction::response))) {
        way = direction::response;
    } else {
        return fail(errc::protocol_error, "the magic of a packet is neither REQ nor RES");
    }
    const std::uint32_t type = get_u32(input_.data() + 4);
    const std::uint32_t size = get_u32(input_.data() + 8);
    if (!is_packet_type(type))
        return fail(errc::protocol_error, "packet type " + std::to_string(type) + " does not exist");
    if (size > limits_.body_bytes_max) return next_oversized(static_cast<packet_type>(type), way, size);
    const std::size_t whole = header_size + size;
    if (input_.size() >= whole) {
        const std::string_view body = input_.substr(header_size, size);
        input_.remove_prefix(whole);
        return deliver(static_cast<packet_type>(type), way, body);
    }
    if (whole < limits_.block_bytes_min) return wait_for_more();
    start_block(whole);
    return status::need_more;
}

// Waits for the handle, to know of which job it is.
frame_reader::status frame_reader::next_oversized(packet_type type, direction way, std::uint32_t size) {
    if (!limits_.skips_results || !is_result(type)) {
        return fail(errc::too_large, "a packet of " + std::to_string(size) + " bytes is above the limit of " +
                                         std::to_string(limits_.body_bytes_max));
    }
    const std::string_view start = input_.substr(header_size, std::min<std::size_t>(size, limits_.argument_bytes_max));
    const std::size_t end = start.find('\0');
    if (end == std::string_view::npos && start.size() < limits_.argument_bytes_max) return wait_for_more();
    if (const status how = deliver(type, way, start.substr(0, end + 1)); how != status::packet) return how;
    announced_ = size;
    to_skip_ = std::uint64_t{header_size} + size;
    return status::oversized;
}

void frame_reader::skip() noexcept {
    const std::size_t n = std::min<std::uint64_t>(to_skip_, input_.size());
    input_.remove_prefix(n);
    to_skip_ -= n;
}

void frame_reader::start_block(std::size_t whole) {
    block_size_ = whole;
    block_ = byte_block(std::min(whole, std::max(block_start, 2 * input_.size())));
    std::memcpy(block_.data(), input_.data(), input_.size());
    block_.resize(input_.size());
    input_ = {};
}

frame_reader::status frame_reader::finish_block() {
    if (block_.size() < block_size_) return status::need_more;
    large_ = shared_bytes(std::move(block_), 0, block_size_);
    block_ = {};
    const std::string_view whole = large_.view();
    const auto way = whole.starts_with(magic(direction::request)) ? direction::request : direction::response;
    return deliver(static_cast<packet_type>(get_u32(whole.data() + 4)), way, whole.substr(header_size));
}

frame_reader::status frame_reader::deliver(packet_type type, direction way, std::string_view body) {
    const packet_info& row = info(type);
    if (!parse_packet(type, way, body, packet_)) {
        return fail(errc::protocol_error, std::string(row.name) + " lacks arguments");
    }
    if (body.size() - packet_.data.size() > limits_.argument_bytes_max) {
        return fail(errc::too_large, "the arguments of " + std::string(row.name) + " are above the limit of " +
                                         std::to_string(limits_.argument_bytes_max) + " bytes");
    }
    if (!large_.empty()) packet_.owner = &large_;
    return status::packet;
}

frame_reader::status frame_reader::next_line() {
    if (input_.front() == tls_handshake_record)
        return fail(errc::protocol_error, "the peer speaks TLS, and this port does not");
    const std::size_t end = input_.substr(0, limits_.line_bytes_max).find('\n');
    if (end == std::string_view::npos) {
        if (input_.size() < limits_.line_bytes_max) return wait_for_more();
        return fail(errc::too_large,
                    "a text line is above the limit of " + std::to_string(limits_.line_bytes_max) + " bytes");
    }
    line_ = input_.substr(0, end);
    if (!line_.empty() && line_.back() == '\r') line_.remove_suffix(1);
    input_.remove_prefix(end + 1);
    return status::line;
}

// The scratch may be used by others from here on: what is left in it is kept.
frame_reader::status frame_reader::wait_for_more() {
    if (!input_.empty()) {
        pending_.assign(input_);
        input_ = {};
    } else if (pending_.empty() && pending_.capacity() > idle_capacity_max) {
        std::string().swap(pending_);
    }
    return status::need_more;
}

frame_reader::status frame_reader::fail(errc code, std::string message) {
    why_ = {code, std::move(message)};
    failed_ = true;
    input_ = {};
    return status::error;
}

}  // namespace sheaf::protocol
