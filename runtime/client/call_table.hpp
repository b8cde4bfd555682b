// The calls of a client: slots that are used again, found by call_id, ordered by deadline. Pure.
//
// A slot's strings keep their memory, and the tables grow only with the number of calls in flight, so that a call in a
// busy client costs no allocation here.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "sheaf/runtime/client.hpp"

namespace sheaf::runtime {

using call_index = std::uint32_t;
inline constexpr call_index no_call = ~call_index{0};

/// How far a call has come.
enum class call_stage : std::uint8_t {
    free,       ///< the slot is not in use
    unsent,     ///< waits for a server
    resting,    ///< waits until it is submitted again
    submitted,  ///< sent; JOB_CREATED is to come
    created,    ///< the server has given it a handle
};

/// One submission. When its user has been told the end but the server still counts it, it stays as a ghost: `listener` is
/// null, and nothing is delivered.
struct call {
    call_id id = 0;
    job_request request;
    std::shared_ptr<job_listener> listener;
    std::uint64_t tag = 0;
    std::string handle;
    std::uint32_t server = 0;  ///< from submitted on
    call_stage stage = call_stage::free;
    call_index next_of_handle = no_call;    ///< the next call that was given the same handle
    call_index turn = no_call;              ///< of a handle's first call: whose copy of a repeated packet is next
    std::uint32_t deadline_position = ~0U;  ///< in the table's heap
    std::uint32_t retried = 0;              ///< how many of the request's retries have been used
    std::chrono::steady_clock::time_point wake_at = never;  ///< when it has rested, or waited or tried for too long

    static constexpr auto never = std::chrono::steady_clock::time_point::max();

    [[nodiscard]] bool is_ghost() const noexcept { return listener == nullptr; }
    [[nodiscard]] bool is_sent() const noexcept {
        return stage == call_stage::submitted || stage == call_stage::created;
    }
    [[nodiscard]] bool may_be_sent_again() const noexcept { return request.resubmit || retried < request.retries; }
    /// What comes first of its times.
    [[nodiscard]] std::chrono::steady_clock::time_point due() const noexcept {
        return request.deadline ? std::min(*request.deadline, wake_at) : wake_at;
    }
};

/// All calls of one client.
class call_table {
  public:
    /// A slot for `id`, which is new.
    call_index add(call_id id);
    /// The slot of `id`, or no_call when it has ended.
    [[nodiscard]] call_index find(call_id id) const noexcept;
    /// From now on `find` does not know the call, and its deadline does not matter. The slot stays.
    void forget(call_index which);
    /// Gives the slot back.
    void release(call_index which);

    [[nodiscard]] call& operator[](call_index which) noexcept { return slots_[which]; }
    [[nodiscard]] const call& operator[](call_index which) const noexcept { return slots_[which]; }
    /// How many calls have not been forgotten.
    [[nodiscard]] std::size_t size() const noexcept { return by_id_.size(); }
    /// The slots of all calls that have not been forgotten, oldest call first.
    [[nodiscard]] std::vector<call_index> all() const;

    /// Orders the call by when it is due, which may have changed.
    void watch(call_index which);
    /// The call whose deadline is first, or no_call.
    [[nodiscard]] call_index first_due() const noexcept { return due_.empty() ? no_call : due_.front().which; }
    [[nodiscard]] std::chrono::steady_clock::time_point first_deadline() const noexcept {
        return due_.empty() ? std::chrono::steady_clock::time_point::max() : due_.front().at;
    }

  private:
    struct deadline {
        std::chrono::steady_clock::time_point at;
        call_index which;
    };

    void put(std::size_t position, const deadline& what) noexcept;
    void sift_up(std::size_t position) noexcept;
    void sift_down(std::size_t position) noexcept;
    void unwatch(call_index which) noexcept;

    std::vector<call> slots_;
    std::vector<call_index> free_;
    boost::unordered_flat_map<call_id, call_index> by_id_;
    std::vector<deadline> due_;  ///< a binary heap; each call knows its position, so that it can leave early
};

}  // namespace sheaf::runtime
