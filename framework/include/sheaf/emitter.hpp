// How mappers hand over what they find.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <sheaf/detail/key_codec.hpp>
#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/detail/record_sink.hpp>
#include <sheaf/detail/stable_hash.hpp>
#include <sheaf/detail/value_codec.hpp>

namespace sheaf {

/// Takes a mapper's keys and values. One thread at a time; a mapper must not keep it.
template <class K, class V>
class emitter {
  public:
    /// std::string_view for keys of text, which are copied when they are new; else the key, by value when it is small.
    using key_argument = typename detail::key_codec<K>::argument;
    /// std::string_view for values of text, which are copied; else the value.
    using value_argument = detail::value_argument<V>;

    explicit emitter(detail::record_sink<value_argument>& into) : sink_(into), batch_(into.batch()) {}
    emitter(const emitter&) = delete;
    emitter& operator=(const emitter&) = delete;
    ~emitter() = default;

    /// Hands over one record.
    void emit(key_argument key, value_argument value) {
        const auto written = detail::key_codec<K>::write(key, scratch_);
        if constexpr (detail::is_batchable<value_argument>) {
            if (written.is_short()) [[likely]] {
                const detail::short_key packed = written.packed();
                const std::uint64_t hash = detail::stable_hash(packed);
                __builtin_prefetch(batch_.places + (hash & batch_.places_mask));
                batch_.items[batch_.size] = {packed, hash, value};
                if (++batch_.size == batch_.capacity) [[unlikely]]
                    sink_.take_batch();
                return;
            }
        }
        char room[16];
        sink_.take(written.bytes(room), std::move(value));
    }

    /// Adds `by` to the counter `name`, which the run's report shows. For things that are rare: bad lines, say.
    void count(std::string_view name, std::uint64_t by = 1) {
        for (auto& [known, sum] : counters_) {
            if (known == name) {
                sum += by;
                return;
            }
        }
        counters_.emplace_back(name, by);
    }

    /// For the attempt that made it: passes on what still waits, and returns the counters.
    [[nodiscard]] detail::counters finish() {
        sink_.take_batch();
        return std::move(counters_);
    }

  private:
    detail::record_sink<value_argument>& sink_;
    detail::short_batch<value_argument>& batch_;
    std::string scratch_;
    detail::counters counters_;
};

}  // namespace sheaf
