#include "broker/job_table.hpp"

#include <xxhash.h>

#include "broker/unique_key.hpp"

namespace sheaf::broker {
namespace {

constexpr std::size_t buckets_min = 64;

// What the tables need for a job, besides what hangs on it.
constexpr std::size_t place_bytes = sizeof(job) + 40;

std::size_t length_of(const std::string& text) {
    return text.capacity() > std::string().capacity() ? text.capacity() + 1 : 0;
}

}  // namespace

std::size_t bytes_of(const job& j) noexcept {
    return place_bytes + j.payload.size() + length_of(j.unique) +
           (j.reducer == nullptr ? 0 : sizeof(std::string) + length_of(*j.reducer)) +
           (j.terms == nullptr ? 0 : sizeof(job_terms));
}

slot job_table::insert(job added) {
    const job_id id = added.id;
    const bool keyed = has_key(added.unique, added.payload.view());
    bytes_ += bytes_of(added);
    const slot at = jobs_.insert(std::move(added));
    const bool is_new = by_id_.emplace(id.value(), at).second;
    SHEAF_ASSERT(is_new, "no two jobs have one number");
    if (keyed) add_key(at);
    return at;
}

void job_table::erase(slot at) {
    forget_key(at);
    bytes_ -= bytes_of(jobs_[at]);
    by_id_.erase(jobs_[at].id.value());
    jobs_.erase(at);
    if (jobs_.size() == 0 && by_id_.bucket_count() > 4096) by_id_ = {};
}

void job_table::give_payload(slot at, const shared_bytes& payload) {
    bytes_ -= jobs_[at].payload.size();
    bytes_ += payload.size();
    jobs_[at].payload = payload;
}

void job_table::drop_payload(slot at) {
    bytes_ -= jobs_[at].payload.size();
    jobs_[at].payload = {};
}

void job_table::drop_terms(slot at) {
    bytes_ -= bytes_of(jobs_[at]);
    jobs_[at].terms.reset();
    bytes_ += bytes_of(jobs_[at]);
}

void job_table::fill(slot at, job&& whole) {
    job& j = jobs_[at];
    bytes_ -= bytes_of(j);
    j.payload = std::move(whole.payload);
    j.unique = std::move(whole.unique);
    j.reducer = std::move(whole.reducer);
    j.terms = std::move(whole.terms);
    j.retries = whole.retries;
    j.attempts = whole.attempts;
    j.hollow = false;
    bytes_ += bytes_of(j);
    if (has_key(j.unique, j.payload.view())) add_key(at);
}

void job_table::rename(slot at, job_id id) {
    by_id_.erase(jobs_[at].id.value());
    jobs_[at].id = id;
    const bool is_new = by_id_.emplace(id.value(), at).second;
    SHEAF_ASSERT(is_new, "no two jobs have one number");
}

slot job_table::find(job_id id) const noexcept {
    const auto found = by_id_.find(id.value());
    return found == by_id_.end() ? no_slot : found->second;
}

slot job_table::find_same(slot function, std::string_view unique, std::string_view payload) const noexcept {
    if (!has_key(unique, payload)) return no_slot;
    const std::uint32_t hash = hash_of(key_of(unique, payload));
    for (slot at = first_in_bucket(hash); at != no_slot; at = jobs_[at].next_in_bucket) {
        const job& other = jobs_[at];
        if (other.key_hash != hash || other.function != function || other.unique != unique) continue;
        if (!key_is_payload(unique) || other.payload.view() == payload) return at;
    }
    return no_slot;
}

slot job_table::find_unique(std::string_view unique) const noexcept {
    if (unique.empty() || key_is_payload(unique)) return no_slot;
    const std::uint32_t hash = hash_of(unique);
    for (slot at = first_in_bucket(hash); at != no_slot; at = jobs_[at].next_in_bucket) {
        if (jobs_[at].key_hash == hash && jobs_[at].unique == unique) return at;
    }
    return no_slot;
}

std::uint32_t job_table::hash_of(std::string_view key) const noexcept {
    return static_cast<std::uint32_t>(XXH3_64bits_withSeed(key.data(), key.size(), hash_seed_));
}

slot job_table::first_in_bucket(std::uint32_t hash) const noexcept {
    return buckets_.empty() ? no_slot : buckets_[hash & (buckets_.size() - 1)];
}

void job_table::add_key(slot at) {
    if (indexed_ >= buckets_.size()) grow();
    job& added = jobs_[at];
    added.indexed = true;
    added.key_hash = hash_of(key_of(added.unique, added.payload.view()));
    added.next_in_bucket = std::exchange(bucket_of(added.key_hash), at);
    ++indexed_;
}

void job_table::forget_key(slot at) {
    job& gone = jobs_[at];
    if (!gone.indexed) return;
    slot* place = &bucket_of(gone.key_hash);
    while (*place != at) place = &jobs_[*place].next_in_bucket;
    *place = gone.next_in_bucket;
    gone.indexed = false;
    if (--indexed_ == 0 && buckets_.size() > buckets_min) buckets_ = {};
}

void job_table::grow() {
    const std::vector<slot> old =
        std::exchange(buckets_, std::vector<slot>(buckets_.empty() ? buckets_min : 2 * buckets_.size(), no_slot));
    for (slot chain : old) {
        while (chain != no_slot) {
            const slot next = jobs_[chain].next_in_bucket;
            jobs_[chain].next_in_bucket = std::exchange(bucket_of(jobs_[chain].key_hash), chain);
            chain = next;
        }
    }
}

void job_table::check_invariants() const {
    SHEAF_ASSERT(by_id_.size() == jobs_.size(), "every job is found by its number");
    std::size_t keyed = 0;
    std::size_t bytes = 0;
    jobs_.for_each([&](slot at, const job& j) {
        SHEAF_ASSERT(find(j.id) == at, "a number leads to its job");
        bytes += bytes_of(j);
        if (!j.indexed) return;
        ++keyed;
        SHEAF_ASSERT(has_key(j.unique, j.payload.view()), "only a job with a key is indexed");
        SHEAF_ASSERT(find_same(j.function, j.unique, j.payload.view()) != no_slot, "a key leads to a job");
    });
    SHEAF_ASSERT(bytes == bytes_, "it is known how much memory the jobs take");
    SHEAF_ASSERT(keyed == indexed_, "the index holds the keyed jobs and nothing else");
}

}  // namespace sheaf::broker
