// Drawing keys from a part of the input, for jobs whose partitions are ranges of keys. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/detail/map_step.hpp>
#include <sheaf/detail/record_sink.hpp>

namespace sheaf::detail {

/// Keeps at most so many of the keys that it is given, evenly spread over them.
class key_sample {
  public:
    explicit key_sample(std::size_t keys_max) : keys_max_(keys_max != 0 ? keys_max : 1) {}

    void take(std::string_view key);
    [[nodiscard]] std::vector<std::string> keys() &&;
    [[nodiscard]] std::uint64_t seen() const noexcept { return seen_; }

  private:
    std::size_t keys_max_;
    std::uint64_t seen_ = 0;
    std::uint64_t every_ = 1;  ///< one of so many is kept
    std::vector<std::string> keys_;
};

template <class V>
class sampling_sink final : public record_sink<value_argument<V>> {
  public:
    using value_type = value_argument<V>;

    explicit sampling_sink(key_sample& into) : into_(into) {}

    [[nodiscard]] short_batch<value_type>& batch() override {
        batch_.places = &no_place;
        return batch_;
    }
    void take_batch() override {
        char room[16];
        for (std::size_t i = 0; i < batch_.size; ++i) {
            batch_.items[i].key.store(room);
            into_.take({room, batch_.items[i].key.size()});
        }
        batch_.size = 0;
    }
    void take(std::string_view key, value_type&&) override { into_.take(key); }

  private:
    static constexpr std::uint32_t no_place = 0;

    key_sample& into_;
    short_batch<value_type> batch_{};
};

/// What a mapper emits to.
template <class K, class V>
struct sampling_lane {
    explicit sampling_lane(key_sample& into) : sink(into), out(sink) {}

    sampling_sink<V> sink;
    emitter<K, V> out;
};

/// The pieces that a sample reads, as a map attempt would be told of them: no more than bytes_max, where they can be cut.
[[nodiscard]] map_assignment assignment_for_sample(const sample_assignment& what);

template <class K, class V, class Steps>
sample_output run_sample_step(const Steps& steps, const sample_assignment& what, const attempt_hooks& hooks) {
    const map_assignment as_map = assignment_for_sample(what);
    const auto side = side_of<Steps>(as_map);
    map_step step(steps, *side, as_map, hooks, true);
    key_sample sample(what.keys_max);
    using second_value = typename input_value<V, inputs_of<Steps> == 1 ? 0 : 1>::type;
    sampling_lane<K, typename input_value<V, 0>::type> first(sample);
    sampling_lane<K, second_value> second(sample);
    (void)step.read_inputs([&](auto input) -> auto& {
        if constexpr (input == 0) {
            return first.out;
        } else {
            return second.out;
        }
    });
    (void)first.out.finish();
    (void)second.out.finish();
    sample_output made;
    made.keys = std::move(sample).keys();
    return made;
}

}  // namespace sheaf::detail
