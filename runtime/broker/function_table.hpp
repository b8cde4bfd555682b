// The functions: their names, queues, workers and limits.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "broker/slab.hpp"
#include "broker/slot_list.hpp"
#include "broker/types.hpp"
#include "protocol/packet.hpp"

namespace sheaf::broker {

/// One number (or list) for each priority.
template <class T>
using by_priority = std::array<T, protocol::priority_count>;

/// The jobs of a queue that come after those in its list, when there was no memory for them: see backlog.hpp.
struct line {
    /// The oldest first; jobs that have ended meanwhile are still among them.
    std::deque<job_id::number_type> numbers;
    std::uint64_t bytes = 0;  ///< about what those would take that only the store has
    std::size_t asked = 0;    ///< how many of the front the store was asked for
    load_ticket asked_by = 0;
    bool paused = false;  ///< the store could not answer; it is asked again in a while
};

struct function {
    std::string name;
    by_priority<slot_list> ready;              ///< the jobs that a worker may have now, oldest first
    by_priority<std::unique_ptr<line>> lines;  ///< what comes after those; null: nothing
    by_priority<std::uint32_t> waiting{};      ///< all these, and the ones that wait for the store or for their time
    by_priority<std::uint32_t> limits{};       ///< submissions are refused from this total on; 0: never
    std::uint32_t running = 0;
    std::uint32_t workers = 0;  ///< how many connections offer it
    slot_list sleepers;         ///< abilities of sleeping connections, longest asleep first
    slot_list open_grabs;     ///< abilities of connections whose grab is open, the one to be served first at the front
    std::uint32_t woken = 0;  ///< how many connections were woken for it and have not grabbed yet

    /// The most urgent priority of which there is a job to be had now, or priority_count. While those of one are being brought
    /// from the store, less urgent ones wait.
    [[nodiscard]] std::size_t urgency() const noexcept {
        for (std::size_t p = 0; p < protocol::priority_count; ++p) {
            if (!ready[p].empty()) return p;
            if (lines[p] != nullptr) break;
        }
        return protocol::priority_count;
    }
    /// How many jobs are to be had now.
    [[nodiscard]] std::uint32_t runnable() const noexcept {
        std::uint32_t sum = 0;
        for (std::size_t p = 0; p < protocol::priority_count; ++p) {
            sum += ready[p].size;
            if (ready[p].empty() && lines[p] != nullptr) break;
        }
        return sum;
    }
    [[nodiscard]] std::uint32_t total() const noexcept { return waiting[0] + waiting[1] + waiting[2] + running; }
    /// The list of `priority`'s jobs.
    [[nodiscard]] slot_list& ready_at(protocol::priority p) noexcept { return ready[static_cast<std::size_t>(p)]; }
    [[nodiscard]] std::uint32_t& waiting_at(protocol::priority p) noexcept {
        return waiting[static_cast<std::size_t>(p)];
    }
};

class function_table {
  public:
    /// The function called `name`, or no_slot.
    [[nodiscard]] slot find(std::string_view name) const noexcept;
    /// The function called `name`, made if there is none.
    slot intern(std::string_view name);
    void erase(slot at);

    [[nodiscard]] function& operator[](slot at) { return functions_[at]; }
    [[nodiscard]] const function& operator[](slot at) const { return functions_[at]; }
    [[nodiscard]] bool contains(slot at) const noexcept { return functions_.contains(at); }
    [[nodiscard]] std::size_t size() const noexcept { return functions_.size(); }
    /// Whether `at` is the function called `name`; for caches that may be stale.
    [[nodiscard]] bool is(slot at, std::string_view name) const noexcept {
        return functions_.contains(at) && functions_[at].name == name;
    }

    template <class Visit>
    void for_each(Visit&& visit) const {
        functions_.for_each(std::forward<Visit>(visit));
    }

  private:
    slab<function> functions_;
    boost::unordered_flat_map<std::string_view, slot> by_name_;  // views of the names, which do not move
};

}  // namespace sheaf::broker
