// Any bytes, cut anywhere: the same messages come out as when they arrive at once, and memory follows what was received.
//
// Input: one byte that picks the limits, one that seeds the cuts, then the bytes of the connection.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>

#include "base/assert.hpp"
#include "protocol/frame_reader.hpp"
#include "support/frame_feed.hpp"

namespace {

using namespace sheaf;

// Small enough that short inputs reach every limit, and that their packets get blocks.
constexpr protocol::frame_limits tight{
    .body_bytes_max = 1000, .argument_bytes_max = 50, .line_bytes_max = 40, .block_bytes_min = 64};

void check_memory(const test::read_result& result) {
    constexpr std::size_t slack = 64 * 1024;
    SHEAF_ASSERT(result.excess_bytes <= slack, "memory grows with what was received");
}

// Data that was shared is what it was, though the reader has read on.
void check_shared(const test::read_result& result) {
    auto shared = result.shared.begin();
    for (const test::read_message& message : result.messages) {
        if (message.status != protocol::frame_reader::status::packet) continue;
        SHEAF_ASSERT(shared != result.shared.end() && shared->view() == message.data, "shared data does not change");
        ++shared;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const protocol::frame_limits limits = data[0] % 2 == 0 ? protocol::frame_limits{} : tight;
    std::minstd_rand random(data[1] + 1U);
    const std::size_t longest = 1 + data[0] / 2;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);

    protocol::frame_reader at_once(limits);
    protocol::frame_reader in_pieces(limits);
    const auto whole = test::feed_whole(at_once, bytes);
    const auto cut = test::feed(in_pieces, bytes, [&](std::size_t) { return 1 + random() % longest; });

    SHEAF_ASSERT(whole.messages == cut.messages, "the cuts make no difference");
    check_memory(whole);
    check_memory(cut);
    check_shared(whole);
    check_shared(cut);
    return 0;
}
