#include "map_reduce/verify_places.hpp"

namespace sheaf::detail {

std::string verify_places::not_by(const std::string& first, unsigned handed_back) {
    if (handed_back >= patience_ && seen_.size() <= 1) in_vain_ = true;
    const bool alone = in_vain_ && seen_.size() <= 1;
    return alone || handed_back >= patience_ ? std::string() : first;
}

void verify_places::note_verified(const std::string& first, const std::string& second) {
    ++verified_;
    if (first == second) ++in_one_;
}

std::string verify_places::remark() const {
    if (in_one_ == 0) return {};
    const std::string which =
        in_one_ == verified_ ? "all units" : std::to_string(in_one_) + " of " + std::to_string(verified_) + " units";
    return "verified: " + which +
           " were made both times in one worker process, so that what differs between processes was not looked for "
           "there";
}

}  // namespace sheaf::detail
