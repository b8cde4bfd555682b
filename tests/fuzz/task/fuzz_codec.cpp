// Any bytes decode into any type or are refused; what was decoded encodes to something that decodes to the same.
// The first byte chooses the type.

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/assert.hpp"
#include "support/wire_shapes.hpp"
#include <sheaf/codec.hpp>

namespace {

using namespace sheaf::test;

template <class T>
void try_type(std::string_view bytes) {
    T value{};
    try {
        sheaf::decode_into(bytes, value);
    } catch (const sheaf::decode_error&) {
        return;
    } catch (const std::invalid_argument&) {
        return;  // split_functions's own check
    }
    const std::string once = sheaf::encode(value);
    const std::string twice = sheaf::encode(sheaf::decode<T>(once));
    // Elements of hash tables may change places, so those only keep their size.
    constexpr bool ordered = !std::is_same_v<T, associations>;
    SHEAF_ASSERT(ordered ? once == twice : once.size() == twice.size(), "a value survives the round trip");
}

constexpr std::array types = {
    &try_type<bool>,
    &try_type<color>,
    &try_type<std::string>,
    &try_type<std::vector<double>>,
    &try_type<std::vector<std::vector<std::string>>>,
    &try_type<associations>,
    &try_type<sequences>,
    &try_type<choices>,
    &try_type<times>,
    &try_type<classes>,
    &try_type<tree>,
    &try_type<std::vector<stats>>,
    &try_type<std::vector<nothing>>,
    &try_type<std::map<std::string, std::map<std::string, std::optional<tree>>>>,
    &try_type<std::vector<std::unique_ptr<std::variant<tree, choices>>>>,
    &try_type<std::set<std::vector<std::set<std::uint16_t>>>>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    types[data[0] % types.size()]({reinterpret_cast<const char*>(data) + 1, size - 1});
    return 0;
}
