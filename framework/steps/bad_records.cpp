// Lists of what was left out.
#include <exception>
#include <stdexcept>

#include <sheaf/detail/careful_map.hpp>

namespace sheaf::detail {
namespace {

// Of the exception that is being handled.
std::string reason_of_exception() {
    try {
        throw;
    } catch (const std::exception& why) {
        return why.what();
    } catch (...) {
        return "something was thrown that is no std::exception";
    }
}

}  // namespace

void add_bad_record(const map_assignment& what, const record_place& place, std::vector<bad_record>& bad) {
    if (bad.size() >= what.bad_records_max) {
        if (std::current_exception()) throw;
        throw std::runtime_error(what.skip_reason);
    }
    bad.push_back({.place = std::string(place.path),
                   .offset = place.offset,
                   .length = place.length,
                   .reason = what.skip_reason.empty() ? reason_of_exception() : what.skip_reason,
                   .bytes = std::string(place.bytes.substr(0, bad_record_bytes_max))});
}

void add_bad_group(const reduce_assignment& what, const std::string& key, std::vector<bad_record>& bad) {
    if (bad.size() >= what.bad_records_max) throw;
    const std::string place =
        key.empty() ? "a key of partition " + std::to_string(what.partition) : "key '" + key + "'";
    bad.push_back({.place = place, .offset = 0, .length = 0, .reason = reason_of_exception(), .bytes = {}});
}

}  // namespace sheaf::detail
