// Reading a server's status.
#include "map_reduce/offered_slots.hpp"

#include <algorithm>
#include <charconv>

namespace sheaf::detail {

std::size_t offered_slots(std::string_view status, std::string_view function) {
    while (!status.empty()) {
        std::string_view line = status.substr(0, status.find('\n'));
        status.remove_prefix(std::min(line.size() + 1, status.size()));
        if (!line.starts_with(function) || line.substr(function.size(), 1) != "\t") continue;
        if (line.ends_with('\r')) line.remove_suffix(1);
        line.remove_prefix(line.rfind('\t') + 1);
        std::size_t workers = 0;
        const auto [end, why] = std::from_chars(line.data(), line.data() + line.size(), workers);
        return why == std::errc{} && end == line.data() + line.size() ? workers : 0;
    }
    return 0;
}

}  // namespace sheaf::detail
