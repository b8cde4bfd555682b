#include <string>

#include <sheaf/codec.hpp>
#include <sheaf/detail/control_order.hpp>
#include <sheaf/detail/schema_writer.hpp>

namespace sheaf::detail {
namespace {

constexpr std::string_view cancel_mark("SC\x01\0", 4);

failure malformed(std::string_view what) {
    return {.code = errc::malformed, .message = "the control order " + std::string(what)};
}

}  // namespace

std::uint64_t background_call(std::string_view handle) noexcept { return fnv1a64(handle); }

shared_bytes write_cancel_order(std::span<const std::uint64_t> calls) {
    std::string bytes(cancel_mark);
    bytes.reserve(cancel_mark.size() + calls.size() * sizeof(std::uint64_t));
    for (const std::uint64_t call : calls) append_number(bytes, call);
    return shared_bytes(bytes);
}

result<std::vector<std::uint64_t>> read_cancel_order(std::string_view bytes) {
    if (!bytes.starts_with(cancel_mark.substr(0, 2))) return malformed("is none");
    if (!bytes.starts_with(cancel_mark)) {
        return malformed("is of a version or kind that this version of Sheaf does not know");
    }
    bytes.remove_prefix(cancel_mark.size());
    if (bytes.size() % sizeof(std::uint64_t) != 0) return malformed("ends within a call's id");
    std::vector<std::uint64_t> calls(bytes.size() / sizeof(std::uint64_t));
    byte_source source(bytes, {});
    for (std::uint64_t& call : calls) call = source.number<std::uint64_t>();
    return calls;
}

}  // namespace sheaf::detail
