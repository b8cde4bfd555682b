// Any two texts, separated by a line end, have a difference in words that is not out of proportion.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include <sheaf/schema.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t end = text.find('\n');
    const std::string_view here = text.substr(0, end);
    const std::string_view there = end == std::string_view::npos ? here : text.substr(end + 1);
    SHEAF_ASSERT(sheaf::schema_difference(here, here).empty(), "a schema fits itself");
    const bool fits = sheaf::schema_difference(here, there).empty();
    const bool unreadable = sheaf::schema_difference(here, there).find("cannot be read") != std::string::npos;
    SHEAF_ASSERT(unreadable || fits == sheaf::schema_difference(there, here).empty(), "differences are mutual");
    return 0;
}
