// The connections: what each peer can do, what it waits for, and whether it sleeps.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker/hold_queue.hpp"
#include "broker/slab.hpp"
#include "broker/slot_list.hpp"
#include "broker/types.hpp"

namespace sheaf::broker {

/// A function that a worker offers.
struct ability {
    connection_id worker;
    slot function = no_slot;
    std::optional<std::chrono::milliseconds> timeout;  ///< how long one job of it may take
    links in_sleepers;                                 ///< while the worker is asleep, or its grab is open
};

/// Busy, or about to ask for a job: needs no NOOP.
struct awake {};
/// Said PRE_SLEEP; listed among the sleepers of each of its functions.
struct asleep {};
/// Was sent NOOP because of a job of `function` and has not grabbed yet.
struct woken {
    slot function = no_slot;
    steady_time patience_ends;  ///< from then on another one is woken in its place
    links in_woken;
};
/// Said ALL_YOURS; listed among the open grabs of each of its functions, and is sent the next job of any of them.
struct open_grab {};
using wakefulness = std::variant<awake, asleep, woken, open_grab>;

/// Whether the connection's abilities are listed among its functions' sleepers or open grabs.
[[nodiscard]] inline bool waits_for_jobs(const wakefulness& w) noexcept {
    return std::holds_alternative<asleep>(w) || std::holds_alternative<open_grab>(w);
}

/// The position of a connection's last ability, however many it has.
inline constexpr std::size_t last_ability = ~std::size_t{0};

struct connection {
    std::string address;
    int descriptor = -1;
    std::string client_id = "-";
    bool exceptions = false;    ///< wants WORK_EXCEPTION, not WORK_FAIL, when a handler throws
    bool late_created = false;  ///< need not hear of JOB_CREATED before the job has begun
    bool leaves = false;        ///< ends as planned: the jobs that it gives back have lost no worker
    wakefulness sleep;
    std::vector<slot> abilities;
    /// Where the next search for a job starts: round robin, from the last one down, as with gearmand.
    std::size_t next_ability = last_ability;
    slot_list running;             ///< the jobs it works on
    slot_list attachments;         ///< the jobs it waits for
    slot last_function = no_slot;  ///< of its last submission; may be stale
    job_id excepted;               ///< the job whose WORK_EXCEPTION it sent; a WORK_FAIL may follow until it grabs
    hold_queue holds;
    std::vector<std::uint64_t> questions;  ///< its own of world::questions, by their names
};

/// All connections, by their number. References are valid until the next insert().
class connection_table {
  public:
    void insert(connection_id id, connection added) {
        if (id.value() >= connections_.size()) connections_.resize(id.value() + std::size_t{1});
        SHEAF_ASSERT(!connections_[id.value()], "a connection's number is free when it arrives");
        connections_[id.value()] = std::move(added);
        ++size_;
    }
    void erase(connection_id id) {
        SHEAF_ASSERT(contains(id), "only a connected peer leaves");
        connections_[id.value()].reset();
        --size_;
    }
    [[nodiscard]] bool contains(connection_id id) const noexcept {
        return id.value() < connections_.size() && connections_[id.value()].has_value();
    }
    [[nodiscard]] connection& operator[](connection_id id) {
        SHEAF_ASSERT(contains(id), "the connection is there");
        return *connections_[id.value()];
    }
    [[nodiscard]] const connection& operator[](connection_id id) const {
        SHEAF_ASSERT(contains(id), "the connection is there");
        return *connections_[id.value()];
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    template <class Visit>
    void for_each(Visit&& visit) const {
        for (std::uint32_t i = 0; i < connections_.size(); ++i) {
            if (connections_[i]) visit(connection_id{i}, *connections_[i]);
        }
    }

  private:
    std::vector<std::optional<connection>> connections_;
    std::size_t size_ = 0;
};

}  // namespace sheaf::broker
