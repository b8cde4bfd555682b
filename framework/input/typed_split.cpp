#include <sheaf/detail/unit_refused.hpp>
#include <sheaf/typed_split.hpp>

namespace sheaf::detail {

void refuse_record(const std::string& path, std::uint64_t at, const char* what) {
    const std::string place = path.empty() ? "the values of the run's input" : "'" + path + "'";
    throw unit_refused(place + " cannot be read as what they should be: at byte " + std::to_string(at) + ", " + what +
                       ". Do driver and workers run the same build?");
}

}  // namespace sheaf::detail
