// Doubly linked lists through values that live in a slab: constant-time insertion and removal without allocation.
#pragma once

#include <cstdint>

#include "base/assert.hpp"
#include "broker/slab.hpp"

namespace sheaf::broker {

/// A value's place in one list.
struct links {
    slot previous = no_slot;
    slot next = no_slot;
};

/// The ends of a list. `links_of(slot)` tells the functions below where a value keeps its links.
struct slot_list {
    slot first = no_slot;
    slot last = no_slot;
    std::uint32_t size = 0;

    [[nodiscard]] bool empty() const noexcept { return first == no_slot; }
};

template <class LinksOf>
void push_back(slot_list& list, slot at, LinksOf&& links_of) {
    links_of(at) = {.previous = list.last, .next = no_slot};
    (list.last == no_slot ? list.first : links_of(list.last).next) = at;
    list.last = at;
    ++list.size;
}

template <class LinksOf>
void push_front(slot_list& list, slot at, LinksOf&& links_of) {
    links_of(at) = {.previous = no_slot, .next = list.first};
    (list.first == no_slot ? list.last : links_of(list.first).previous) = at;
    list.first = at;
    ++list.size;
}

/// Puts `at` behind the member `before`, or at the front if that is no_slot.
template <class LinksOf>
void insert_behind(slot_list& list, slot before, slot at, LinksOf&& links_of) {
    if (before == no_slot) return push_front(list, at, links_of);
    const slot after = links_of(before).next;
    if (after == no_slot) return push_back(list, at, links_of);
    links_of(at) = {.previous = before, .next = after};
    links_of(before).next = at;
    links_of(after).previous = at;
    ++list.size;
}

template <class LinksOf>
void remove(slot_list& list, slot at, LinksOf&& links_of) {
    SHEAF_ASSERT(list.size != 0, "only a member is removed from a list");
    const links gone = links_of(at);
    (gone.previous == no_slot ? list.first : links_of(gone.previous).next) = gone.next;
    (gone.next == no_slot ? list.last : links_of(gone.next).previous) = gone.previous;
    --list.size;
}

}  // namespace sheaf::broker
