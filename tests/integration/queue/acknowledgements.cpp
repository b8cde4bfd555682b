#include "integration/queue/acknowledgements.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace sheaf::test {
namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

/// Where each of some words is first seen. A word begins with `start` and ends before the first byte that is not of it.
class first_sights {
  public:
    explicit first_sights(std::string start) : start_(std::move(start)) {}

    void look(std::string_view data, std::uint64_t sequence) {
        for (std::size_t at = data.find(start_); at != std::string_view::npos; at = data.find(start_, at + 1)) {
            std::size_t end = at + start_.size();
            while (end < data.size() && data[end] >= '0' && data[end] <= '9') ++end;
            seen_.try_emplace(std::string(data.substr(at, end - at)), sequence);
        }
    }
    [[nodiscard]] std::uint64_t of(const std::string& word) const {
        const auto found = seen_.find(word);
        return found == seen_.end() ? never : found->second;
    }

  private:
    std::string start_;
    std::unordered_map<std::string, std::uint64_t> seen_;
};

// The part of a word that is the same in all of them.
std::string start_of(const std::string& word) { return word.substr(0, word.find_last_not_of("0123456789") + 1); }

/// When what was written has surely reached the disk.
class syncs {
  public:
    void begin(std::uint64_t sequence) { began_ = sequence; }
    void end(std::uint64_t sequence) { all_.push_back({began_, sequence}); }
    [[nodiscard]] std::uint64_t covering(std::uint64_t written) const {
        const auto next = std::ranges::upper_bound(all_, written, {}, &span::began);
        return next == all_.end() ? never : next->ended;
    }

  private:
    struct span {
        std::uint64_t began;
        std::uint64_t ended;
    };
    std::uint64_t began_ = 0;
    std::vector<span> all_;  // one thread syncs, so they do not overlap
};

}  // namespace

std::vector<std::string> premature(const std::vector<disk_event>& log, const std::vector<acknowledgement>& given) {
    if (given.empty()) return {"nothing was acknowledged"};
    first_sights written(start_of(given.front().mark));
    first_sights sent(start_of(given.front().handle));
    syncs on_disk;
    for (const disk_event& one : log) {
        switch (one.what) {
            case shim::event_kind::written: written.look(one.data, one.sequence); break;
            case shim::event_kind::sync_begins: on_disk.begin(one.sequence); break;
            case shim::event_kind::synced: on_disk.end(one.sequence); break;
            case shim::event_kind::sends: sent.look(one.data, one.sequence); break;
        }
    }
    std::vector<std::string> wrong;
    for (const auto& [mark, handle] : given) {
        const std::uint64_t left = sent.of(handle);
        if (left == never) {
            wrong.push_back(handle + " was never seen to be sent");
        } else if (written.of(mark) == never) {
            wrong.push_back(handle + " was never seen to be written");
        } else if (on_disk.covering(written.of(mark)) > left) {
            wrong.push_back(handle + " was sent before " + mark + " was on the disk");
        }
    }
    return wrong;
}

}  // namespace sheaf::test
