// Any bytes are a pack or its answer, or are refused as such; what is read as whole is written again as it was.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include <sheaf/detail/pack.hpp>

namespace {

using namespace sheaf::detail;

void check_request(std::string_view bytes) {
    auto read = pack_reader::open(bytes);
    if (!read) return;
    const std::uint32_t calls = read->left();
    std::string again;
    pack_writer writer;
    pack_writer::start(again);
    while (read->left() != 0) {
        writer.begin_call(again) += read->next();
        writer.end_call(again);
    }
    pack_writer::finish(again, calls);
    SHEAF_ASSERT(again == bytes, "a pack is written as it was read");
}

void check_answer(std::string_view bytes, std::uint32_t calls) {
    auto read = pack_answer::open(bytes, calls);
    if (!read) return;
    SHEAF_ASSERT(read->left() == calls, "an answer has as many ends as were asked for");
    std::size_t size = 8;
    while (read->left() != 0) size += 5 + read->next().bytes.size();
    SHEAF_ASSERT(size == bytes.size(), "an answer's parts are all of it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_request(bytes);
    if (!bytes.empty()) check_answer(bytes.substr(1), static_cast<unsigned char>(bytes[0]));
    return 0;
}
