// Any text is read as JSON into any type or refused; what was read is written as something that is read as the same. A
// failure report can be anything. The first byte chooses the type.

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/assert.hpp"
#include "support/wire_shapes.hpp"
#include "task/json_failure.hpp"
#include <sheaf/json.hpp>

namespace {

using namespace sheaf::test;

template <class T>
void try_type(std::string_view text) {
    T value{};
    try {
        sheaf::from_json(text, value);
    } catch (const sheaf::decode_error&) {
        return;
    } catch (const std::invalid_argument&) {
        return;  // split_functions's own check
    }
    const std::string once = sheaf::to_json(value);
    const std::string twice = sheaf::to_json(sheaf::from_json<T>(once));
    // Elements of hash tables may change places, so those only keep their size.
    constexpr bool ordered = !std::is_same_v<T, associations>;
    SHEAF_ASSERT(ordered ? once == twice : once.size() == twice.size(), "a value survives the round trip");
}

void try_failure(std::string_view text) {
    constexpr std::array<std::string_view, 2> names{"unreadable", "missing"};
    (void)sheaf::detail::is_json_failure(text);
    const sheaf::failure once = sheaf::detail::read_json_failure(text, names);
    const sheaf::shared_bytes written = sheaf::detail::write_json_failure(once);
    const sheaf::failure twice = sheaf::detail::read_json_failure(written.view(), names);
    SHEAF_ASSERT(once.typed_index == twice.typed_index && once.typed_fields == twice.typed_fields,
                 "what was thrown survives the round trip");
}

constexpr std::array types = {
    &try_failure,
    &try_type<bool>,
    &try_type<std::int64_t>,
    &try_type<std::uint64_t>,
    &try_type<double>,
    &try_type<float>,
    &try_type<std::string>,
    &try_type<sheaf::bytes>,
    &try_type<associations>,
    &try_type<sequences>,
    &try_type<choices>,
    &try_type<times>,
    &try_type<classes>,
    &try_type<tree>,
    &try_type<std::map<std::string, std::map<std::string, std::optional<tree>>>>,
    &try_type<std::array<std::array<std::byte, 3>, 2>>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    types[data[0] % types.size()]({reinterpret_cast<const char*>(data) + 1, size - 1});
    return 0;
}
