#include "broker/function_table.hpp"

namespace sheaf::broker {

slot function_table::find(std::string_view name) const noexcept {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? no_slot : found->second;
}

slot function_table::intern(std::string_view name) {
    if (const slot found = find(name); found != no_slot) return found;
    function added;
    added.name = name;
    const slot at = functions_.insert(std::move(added));
    by_name_.emplace(functions_[at].name, at);
    return at;
}

void function_table::erase(slot at) {
    by_name_.erase(functions_[at].name);
    functions_.erase(at);
}

}  // namespace sheaf::broker
