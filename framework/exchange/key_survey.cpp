#include <algorithm>
#include <iterator>

#include <sheaf/detail/key_survey.hpp>

namespace sheaf::detail {

void key_survey::look_at(std::string_view key) {
    ++looked_at_;
    if (key.size() <= key_bytes_max) count(key, 1);
}

void key_survey::look_at_single(std::string_view key) {
    look_at(key);
    next_single_ = singles_ + 513 + (looked_at_ * 0x9e3779b97f4a7c15 >> 54);  // and a number below 1024
}

void key_survey::count(std::string_view key, std::uint64_t times) {
    const auto known = std::ranges::find(counts_, key, &std::pair<std::string, std::uint64_t>::first);
    if (known != counts_.end()) {
        known->second += times;
    } else if (counts_.size() < places) {
        counts_.emplace_back(key, times);
    } else {
        for (auto& one : counts_) one.second -= std::min(one.second, times);
        std::erase_if(counts_, [](const auto& one) { return one.second == 0; });
    }
}

void key_survey::add(const key_survey& other) {
    looked_at_ += other.looked_at_;
    for (const auto& [key, times] : other.counts_) count(key, times);
}

std::vector<std::pair<std::string, std::uint64_t>> key_survey::frequent() const {
    std::vector<std::pair<std::string, std::uint64_t>> all;
    std::ranges::copy_if(counts_, std::back_inserter(all),
                         [this](const auto& one) { return one.second * 10 >= looked_at_; });
    return all;
}

}  // namespace sheaf::detail
