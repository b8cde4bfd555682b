#include <algorithm>

#include <sheaf/detail/sample_step.hpp>

namespace sheaf::detail {

// When twice as many as wanted are there, every second one goes, and from then on half as many are taken.
void key_sample::take(std::string_view key) {
    if (seen_++ % every_ != 0) return;
    keys_.emplace_back(key);
    if (keys_.size() < 2 * keys_max_) return;
    for (std::size_t i = 1; 2 * i < keys_.size(); ++i) keys_[i] = std::move(keys_[2 * i]);
    keys_.resize((keys_.size() + 1) / 2);
    every_ *= 2;
}

std::vector<std::string> key_sample::keys() && {
    if (keys_.size() <= keys_max_) return std::move(keys_);
    // Evenly, though there are up to twice too many.
    std::vector<std::string> chosen;
    for (std::size_t i = 0; i < keys_max_; ++i) chosen.push_back(std::move(keys_[i * keys_.size() / keys_max_]));
    return chosen;
}

map_assignment assignment_for_sample(const sample_assignment& what) {
    map_assignment made;
    made.run_directory = what.run_directory;
    made.run_nonce = what.run_nonce;
    made.index = what.index;
    made.attempt = what.attempt;
    made.pieces = what.pieces;
    made.formats = what.formats;
    made.side = what.side;
    made.access = what.access;
    made.careful = what.careful;
    std::uint64_t left = std::max<std::uint64_t>(what.bytes_max, 1);
    for (input_piece& one : made.pieces) {
        if (!one.indivisible) one.length = std::min(one.length, left);
        left -= std::min(left, one.length);
    }
    return made;
}

}  // namespace sheaf::detail
