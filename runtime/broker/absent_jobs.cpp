#include "broker/absent_jobs.hpp"

#include <xxhash.h>

#include "base/assert.hpp"
#include "broker/unique_key.hpp"

namespace sheaf::broker {
namespace {

constexpr unsigned function_shift = 3;
constexpr std::uint32_t priority_mask = 3;

// Any odd numbers; the digests of one key in several functions have to differ.
constexpr std::uint64_t function_spread = 0x9e3779b97f4a7c15;
constexpr std::uint64_t payload_spread = 0xc2b2ae3d27d4eb4f;

}  // namespace

void absent_jobs::put(job_id job, absent_place where) {
    std::unique_ptr<chunk>& part = chunks_[job.value() / chunk_size];
    if (part == nullptr) part = std::make_unique<chunk>();
    code& place = part->places[job.value() % chunk_size];
    if (place == nobody) {
        ++part->used;
        ++size_;
    }
    place = encode(where);
}

bool absent_jobs::erase(job_id job) {
    const auto found = chunks_.find(job.value() / chunk_size);
    if (found == chunks_.end() || found->second->places[job.value() % chunk_size] == nobody) return false;
    found->second->places[job.value() % chunk_size] = nobody;
    if (--found->second->used == 0) chunks_.erase(found);
    if (--size_ == 0) chunks_ = {};
    return true;
}

std::optional<absent_place> absent_jobs::find(job_id job) const noexcept {
    const auto found = chunks_.find(job.value() / chunk_size);
    if (found == chunks_.end()) return std::nullopt;
    const code place = found->second->places[job.value() % chunk_size];
    return place == nobody ? std::nullopt : std::optional(decode(place));
}

// One more than the words need, since 0 is nobody.
absent_jobs::code absent_jobs::encode(absent_place where) noexcept {
    SHEAF_ASSERT(where.function < no_slot >> (function_shift + 1), "functions are fewer than that");
    return ((where.function << function_shift) | (static_cast<code>(where.priority) << 1) | code{where.delayed}) + 1;
}

absent_place absent_jobs::decode(code place) noexcept {
    --place;
    return {.function = place >> function_shift,
            .priority = static_cast<protocol::priority>((place >> 1) & priority_mask),
            .delayed = (place & 1) != 0};
}

std::optional<key_digest> absent_keys::digest(slot function, std::string_view unique,
                                              std::string_view payload) const noexcept {
    if (!has_key(unique, payload)) return std::nullopt;
    const std::string_view key = key_of(unique, payload);
    const std::uint64_t kind = (key_is_payload(unique) ? payload_spread : 0) + function * function_spread;
    const XXH128_hash_t hash = XXH3_128bits_withSeed(key.data(), key.size(), seed_ ^ kind);
    return key_digest{hash.low64, hash.high64};
}

void absent_keys::put(const key_digest& key, job_id job) {
    const auto [place, is_new] = table_of(key).insert_or_assign(key, job.value());
    if (is_new) ++size_;
}

void absent_keys::erase(const key_digest& key, job_id job) {
    table& of = table_of(key);
    const auto found = of.find(key);
    if (found == of.end() || found->second != job.value()) return;
    of.erase(found);
    --size_;
    if (of.empty()) of = {};
}

std::optional<job_id> absent_keys::find(const key_digest& key) const noexcept {
    const table& of = table_of(key);
    const auto found = of.find(key);
    return found == of.end() ? std::nullopt : std::optional(job_id{found->second});
}

}  // namespace sheaf::broker
