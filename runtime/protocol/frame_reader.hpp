// Turns the bytes of one connection into packets and text lines, without ever trusting a length.
//
// Flow:  span = reader.prepare(scratch)   where the next bytes go: the caller's scratch, or the packet's own block
//        reader.received(n)               n bytes were put there
//        while (reader.next() == ...)     every message that is complete now
// Many readers may share one scratch: it is the reader's from prepare() until next() says need_more or error. Views of a
// message point into the scratch or the block: they are valid until the scratch is written to, or next() is called.
// After `error` the connection must be closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocol/packet.hpp"
#include "sheaf/runtime/error.hpp"
#include "sheaf/runtime/shared_bytes.hpp"

namespace sheaf::protocol {

/// How much a peer may send in one message. A line, and a packet without memory of its own, is at most 32 KiB.
struct frame_limits {
    std::uint32_t body_bytes_max = 64U << 20;  ///< arguments and data of a binary packet
    std::size_t argument_bytes_max = 8192;     ///< all arguments of a packet together
    std::size_t line_bytes_max = 8192;         ///< a line of the text protocol, with its newline
    std::size_t block_bytes_min = 32 * 1024;   ///< a packet from this size on gets memory of its own, to be shared
    /// What a worker says of a job, above body_bytes_max, is skipped and told; else it is an error, as any other packet is.
    bool skips_results = false;
};

/// The incremental reader of one connection's input. Memory grows with bytes received, not with bytes announced.
class frame_reader {
  public:
    enum class status : std::uint8_t {
        need_more,  ///< nothing complete is left
        packet,     ///< packet() is the next message
        line,       ///< line() is the next message
        oversized,  ///< packet() is the next message, without its data, which are skipped: announced() says how large it is
        error,      ///< why() says what is wrong; nothing more can be read
    };

    /// The least that a scratch holds: the start of a message that waits for its end is put before what is read.
    static constexpr std::size_t scratch_bytes_min = 64 * 1024;

    explicit frame_reader(frame_limits limits = {});

    /// Where the next bytes of the connection go, never empty: the rest of `scratch`, or a large packet's own memory.
    [[nodiscard]] std::span<char> prepare(std::span<char> scratch);
    /// Says that the first `n` bytes of what prepare() returned were filled.
    void received(std::size_t n);
    /// Looks for the next message. Call it until it says need_more.
    [[nodiscard]] status next();

    [[nodiscard]] const packet_view& packet() const noexcept { return packet_; }
    /// The size that the header of an oversized packet claims, without that header.
    [[nodiscard]] std::uint32_t announced() const noexcept { return announced_; }
    /// The line without its newline (and carriage return).
    [[nodiscard]] std::string_view line() const noexcept { return line_; }
    [[nodiscard]] const sheaf::error& why() const noexcept { return why_; }

    /// Bytes of memory that are kept: what waits for the rest of its message, and the large packet that was read last.
    [[nodiscard]] std::size_t held_bytes() const noexcept {
        return pending_.capacity() + block_.capacity() + large_.size();
    }

  private:
    status next_packet();
    status next_line();
    status next_oversized(packet_type type, direction way, std::uint32_t size);
    void skip() noexcept;
    status finish_block();
    status wait_for_more();
    status deliver(packet_type type, direction way, std::string_view body);
    status fail(errc code, std::string message);
    void start_block(std::size_t whole);

    frame_limits limits_;
    std::string pending_;         ///< the start of a message, while the scratch is not ours
    std::string_view input_;      ///< what has not been looked at, in the scratch
    std::span<char> target_;      ///< what prepare() returned
    byte_block block_;            ///< a large packet being received
    std::size_t block_size_ = 0;  ///< its full size, header included
    shared_bytes large_;          ///< the last large packet, whole
    std::uint64_t to_skip_ = 0;   ///< of an oversized packet: what is dropped as it comes
    std::uint32_t announced_ = 0;
    packet_view packet_;
    std::string_view line_;
    sheaf::error why_;
    bool failed_ = false;
};

}  // namespace sheaf::protocol
