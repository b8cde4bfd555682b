// What memory keeps of jobs that only the store has: four bytes by their numbers, and a digest of their unique keys.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "broker/slab.hpp"
#include "broker/types.hpp"

namespace sheaf::broker {

/// What an absent job waits for.
struct absent_place {
    slot function = no_slot;
    protocol::priority priority = protocol::priority::normal;
    bool delayed = false;  ///< for its time; else for a worker

    friend bool operator==(const absent_place&, const absent_place&) = default;
};

/// The absent jobs by their numbers, which lie close together: most were given one after the other.
class absent_jobs {
  public:
    /// Takes a job in, or gives one that is there another place.
    void put(job_id job, absent_place where);
    /// False when it is not there.
    bool erase(job_id job);
    [[nodiscard]] std::optional<absent_place> find(job_id job) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Calls `visit(job_id, absent_place)` for every job, in no order.
    template <class Visit>
    void for_each(Visit&& visit) const;

  private:
    using code = std::uint32_t;
    static constexpr code nobody = 0;
    // Few: where most numbers are given to jobs in the foreground, a chunk has one job or two.
    static constexpr std::size_t chunk_size = 16;
    struct chunk {
        std::array<code, chunk_size> places{};
        std::uint32_t used = 0;
    };

    [[nodiscard]] static code encode(absent_place where) noexcept;
    [[nodiscard]] static absent_place decode(code place) noexcept;

    boost::unordered_flat_map<job_id::number_type, std::unique_ptr<chunk>> chunks_;
    std::size_t size_ = 0;
};

/// The function and unique key of a job, as a digest that no two share by chance.
struct key_digest {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    friend bool operator==(const key_digest&, const key_digest&) = default;
};

/// Which absent job has which key. A job that has gone may still be named: who asks looks whether it is there.
///
/// Many small tables in place of a large one: they grow one after the other, each in a moment.
class absent_keys {
  public:
    /// `seed` as job_table's.
    explicit absent_keys(std::uint64_t seed) : seed_(seed) {}

    /// Nothing when these words make no key.
    [[nodiscard]] std::optional<key_digest> digest(slot function, std::string_view unique,
                                                   std::string_view payload) const noexcept;

    void put(const key_digest& key, job_id job);
    void erase(const key_digest& key, job_id job);
    [[nodiscard]] std::optional<job_id> find(const key_digest& key) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Drops, from the next of the tables, the jobs for which `is_gone(job_id)`.
    template <class IsGone>
    void sweep(IsGone&& is_gone);

  private:
    struct spread {
        std::size_t operator()(const key_digest& key) const noexcept { return key.low; }
    };
    using table = boost::unordered_flat_map<key_digest, job_id::number_type, spread>;
    static constexpr std::size_t table_count = 256;

    [[nodiscard]] table& table_of(const key_digest& key) noexcept { return tables_[key.high % table_count]; }
    [[nodiscard]] const table& table_of(const key_digest& key) const noexcept {
        return tables_[key.high % table_count];
    }

    std::uint64_t seed_;
    std::array<table, table_count> tables_;
    std::size_t size_ = 0;
    std::size_t swept_ = 0;
};

template <class Visit>
void absent_jobs::for_each(Visit&& visit) const {
    for (const auto& [number, part] : chunks_) {
        for (std::size_t i = 0; i < chunk_size; ++i) {
            if (part->places[i] != nobody) visit(job_id{number * chunk_size + i}, decode(part->places[i]));
        }
    }
}

template <class IsGone>
void absent_keys::sweep(IsGone&& is_gone) {
    table& next = tables_[swept_++ % table_count];
    size_ -= boost::unordered::erase_if(next, [&](const auto& entry) { return is_gone(job_id{entry.second}); });
}

}  // namespace sheaf::broker
