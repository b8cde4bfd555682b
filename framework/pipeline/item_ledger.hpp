// What became of each item that was taken from a pipeline's input. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <sheaf/pipeline_events.hpp>

namespace sheaf::detail {

using item_index = std::uint32_t;

/// An item is open until everything that was made of it is over: passed out and taken, or dropped.
class item_ledger {
  public:
    /// Of the items, counts into `totals`, which must outlive it.
    explicit item_ledger(pipeline_summary& totals) : totals_(totals) {}

    /// A new one, from the input.
    item_index open() {
        ++totals_.items;
        ++held_;
        if (held_ > totals_.most_items) totals_.most_items = held_;
        return add({.from_input = true});
    }
    /// One made of several, which stay open with it.
    item_index combine(std::vector<item_index> members) { return add({.members = std::move(members)}); }

    /// One more part of the item exists.
    void share(item_index which) { ++entries_[which].parts; }
    /// A part of it is over.
    void release(item_index which) {
        if (--entries_[which].parts != 0) return;
        const entry over = std::move(entries_[which]);
        entries_[which] = {.parts = 0};
        free_.push_back(which);
        if (over.from_input) {
            --held_;
            count(over);
        }
        for (const item_index member : over.members) release(member);
    }
    void note_outcome(item_index which) {
        entries_[which].has_outcome = true;
        for (const item_index member : entries_[which].members) note_outcome(member);
    }
    void note_failure(item_index which) {
        entries_[which].has_failed = true;
        for (const item_index member : entries_[which].members) note_failure(member);
    }

    /// Nothing more will become of those that are open.
    void close() {
        for (const entry& one : entries_) {
            if (one.from_input && one.parts != 0) ++(one.has_outcome ? totals_.finished : totals_.unfinished);
        }
        closed_ = true;
    }

    /// From the input and open.
    [[nodiscard]] std::size_t held() const noexcept { return held_; }

  private:
    struct entry {
        std::uint32_t parts = 1;
        bool from_input = false;
        bool has_outcome = false;
        bool has_failed = false;
        std::vector<item_index> members{};
    };

    item_index add(entry one) {
        if (free_.empty()) {
            entries_.push_back(std::move(one));
            return static_cast<item_index>(entries_.size() - 1);
        }
        const item_index place = free_.back();
        free_.pop_back();
        entries_[place] = std::move(one);
        return place;
    }
    void count(const entry& over) {
        if (closed_) return;
        if (over.has_outcome) {
            ++totals_.finished;
        } else if (over.has_failed) {
            ++totals_.skipped;
        } else {
            ++totals_.filtered;
        }
    }

    pipeline_summary& totals_;
    std::vector<entry> entries_;
    std::vector<item_index> free_;
    std::size_t held_ = 0;
    bool closed_ = false;
};

}  // namespace sheaf::detail
