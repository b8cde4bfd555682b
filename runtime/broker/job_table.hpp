// All jobs, found by number, by (function, unique key), or by unique key alone.
#pragma once

#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "broker/job.hpp"

namespace sheaf::broker {

/// About how much memory a job takes.
[[nodiscard]] std::size_t bytes_of(const job& j) noexcept;

class job_table {
  public:
    /// `hash_seed` should differ between server processes, so that nobody can choose unique keys that collide.
    explicit job_table(std::uint64_t hash_seed) : hash_seed_(hash_seed) {}

    /// Takes `added`, whose number is new, and indexes its unique key.
    slot insert(job added);
    void erase(slot at);
    /// The job is found by `id`, which is new, and not by its number of before.
    void rename(slot at, job_id id);
    /// The job keeps its number and is not found by its unique key any more.
    void forget_key(slot at);

    /// The job has another payload, or none any more.
    void give_payload(slot at, const shared_bytes& payload);
    void drop_payload(slot at);
    void drop_terms(slot at);
    /// A hollow job gets the words of `whole`, and is found by its unique key.
    void fill(slot at, job&& whole);

    /// What bytes_of() each is, is changed by the members above alone.
    [[nodiscard]] job& operator[](slot at) { return jobs_[at]; }
    [[nodiscard]] const job& operator[](slot at) const { return jobs_[at]; }
    [[nodiscard]] std::size_t size() const noexcept { return jobs_.size(); }
    /// About how much memory they take.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    /// The job called `id`, or no_slot.
    [[nodiscard]] slot find(job_id id) const noexcept;
    /// The job that a submission with these words coalesces with, or no_slot.
    [[nodiscard]] slot find_same(slot function, std::string_view unique, std::string_view payload) const noexcept;
    /// A job of any function that was submitted with `unique`, or no_slot.
    [[nodiscard]] slot find_unique(std::string_view unique) const noexcept;

    template <class Visit>
    void for_each(Visit&& visit) const {
        jobs_.for_each(std::forward<Visit>(visit));
    }
    void check_invariants() const;

  private:
    [[nodiscard]] std::uint32_t hash_of(std::string_view key) const noexcept;
    [[nodiscard]] slot& bucket_of(std::uint32_t hash) noexcept { return buckets_[hash & (buckets_.size() - 1)]; }
    [[nodiscard]] slot first_in_bucket(std::uint32_t hash) const noexcept;
    void add_key(slot at);
    void grow();

    slab<job> jobs_;
    boost::unordered_flat_map<job_id::number_type, slot> by_id_;
    // Chained through the jobs themselves; the hash leaves the function out, so that one table answers both questions.
    std::vector<slot> buckets_;
    std::size_t indexed_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t hash_seed_;
};

}  // namespace sheaf::broker
