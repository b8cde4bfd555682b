#include "store/result_shelf.hpp"

#include <functional>

namespace sheaf::store {
namespace {

// What a result costs besides its data.
constexpr std::uint64_t entry_bytes = 256;

// 0 is no key. Two keys may share a number: whoever looks for one compares the rows.
std::uint64_t number_of(std::string_view unique) {
    return unique.empty() ? 0 : std::hash<std::string_view>{}(unique) | 1;
}

}  // namespace

void result_shelf::add(job_number id, std::string_view unique, std::uint64_t bytes, wall_time expires) {
    drop(id);
    changes_.push_back({.id = id, .was = std::nullopt});
    put(id, {.expires = expires, .bytes = bytes + entry_bytes, .key = number_of(unique)});
}

void result_shelf::put(job_number id, const entry& one) {
    entries_.emplace(id, one);
    by_end_.emplace(one.expires, id);
    if (one.key != 0) by_key_.emplace(one.key, id);
    bytes_ += one.bytes;
}

void result_shelf::begin() noexcept {
    constexpr std::size_t kept_capacity = 8192;
    if (changes_.capacity() > kept_capacity) changes_ = {};
    changes_.clear();
}

// The last change first.
void result_shelf::undo() {
    for (auto at = changes_.rbegin(); at != changes_.rend(); ++at) {
        if (at->was) {
            put(at->id, *at->was);
        } else {
            take(at->id);
        }
    }
    changes_.clear();
}

std::vector<job_number> result_shelf::take_due(wall_time now) {
    std::vector<job_number> gone;
    while (!by_end_.empty() && (by_end_.begin()->first <= now || bytes_ > bytes_max_)) {
        gone.push_back(by_end_.begin()->second);
        drop(gone.back());
    }
    return gone;
}

std::vector<job_number> result_shelf::with_unique(std::string_view unique) const {
    const std::uint64_t key = number_of(unique);
    std::vector<job_number> found;
    if (key == 0) return found;
    for (auto at = by_key_.lower_bound({key + 1, 0}); at != by_key_.begin();) {
        --at;
        if (at->first != key) break;
        found.push_back(at->second);
    }
    return found;
}

void result_shelf::drop(job_number id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    changes_.push_back({.id = id, .was = found->second});
    take(id);
}

void result_shelf::take(job_number id) {
    const auto found = entries_.find(id);
    const entry& gone = found->second;
    by_end_.erase({gone.expires, id});
    if (gone.key != 0) by_key_.erase({gone.key, id});
    bytes_ -= gone.bytes;
    entries_.erase(found);
}

}  // namespace sheaf::store
