// The two ways in which a map attempt gathers what is emitted until it is written: combined or as it comes. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/detail/attempt.hpp>
#include <sheaf/detail/combine_table.hpp>
#include <sheaf/detail/record_buffer.hpp>
#include <sheaf/detail/record_sink.hpp>
#include <sheaf/detail/segment.hpp>
#include <sheaf/detail/stable_hash.hpp>
#include <sheaf/detail/write_record.hpp>

namespace sheaf::detail {

/// How records are gathered and written.
struct sink_plan {
    std::uint32_t partitions = 1;
    bool sorted = true;  ///< by key within partitions
    std::uint64_t memory_budget = 0;
    std::stop_token stop;
};

/// Combines values of equal keys as they come.
template <class V, class Combine>
class combining_sink final : public record_sink<V> {
  public:
    /// `writer` is asked for when something is written.
    combining_sink(std::function<segment_writer&()> writer, const sink_plan& plan, const Combine& combine)
        : writer_(std::move(writer)),
          plan_(plan),
          table_(plan.memory_budget, order_bytes_per_key(plan.partitions, plan.sorted), combine) {}

    [[nodiscard]] short_batch<V>& batch() override {
        table_.prepare(batch_);
        return batch_;
    }
    void take_batch() override {
        check_stop(plan_.stop);
        make_room(batch_.size);
        table_.add(batch_);
        table_.prepare(batch_);
    }
    void take(std::string_view key, V&& value) override {
        if (++singles_ % 64 == 0) check_stop(plan_.stop);
        // Before it is copied: no record could hold it, and the table keeps 32 bits of its length.
        if (key.size() > segment_record_bytes_max) throw_too_large(key.size());
        make_room(1);
        table_.add(key, std::move(value));
    }
    /// Writes what is left. Returns how often the budget was used up before.
    std::uint64_t finish() {
        write_table(writer_(), table_, plan_.partitions, plan_.sorted);
        table_.release();
        return spills_;
    }
    /// How often the budget was used up, and the table written.
    [[nodiscard]] std::uint64_t spills() const noexcept { return spills_; }
    /// What came since the last spill.
    [[nodiscard]] combine_table<V, Combine>& table() noexcept { return table_; }

  private:
    void make_room(std::size_t keys) {
        if (table_.make_room(keys)) [[likely]]
            return;
        spill();
        (void)table_.make_room(keys);  // an empty table always has some
    }
    void spill() {
        write_table(writer_(), table_, plan_.partitions, plan_.sorted);
        table_.clear();
        ++spills_;
    }

    std::function<segment_writer&()> writer_;
    sink_plan plan_;
    combine_table<V, Combine> table_;
    short_batch<V> batch_{};
    std::uint64_t spills_ = 0;
    std::uint64_t singles_ = 0;
};

/// Keeps every record, sorted by key when it is written.
template <class V>
class buffering_sink final : public record_sink<V> {
  public:
    buffering_sink(segment_writer& writer, const sink_plan& plan)
        : writer_(writer), plan_(plan), buffer_(plan.partitions, framing_of<V>()) {}

    [[nodiscard]] short_batch<V>& batch() override {
        batch_.places = &no_place;
        return batch_;
    }
    void take_batch() override {
        check_stop(plan_.stop);
        if constexpr (is_batchable<V>) {
            for (std::size_t i = 0; i < batch_.size; ++i) {
                const auto& item = batch_.items[i];
                const value_bytes<V> value(item.value, scratch_);
                char* const to = room(1 + 16 + value.size_max());
                buffer_.commit(partition_of(item.hash, plan_.partitions), item.key.prefix(), item.key.size(),
                               value.write(write_key(to, item.key)));
            }
        }
        batch_.size = 0;
    }
    void take(std::string_view key, V&& value) override {
        if (++singles_ % 64 == 0) check_stop(plan_.stop);
        const value_bytes<V> bytes(value, scratch_);
        char* const to = room(varint_bytes_max + key.size() + 16 + bytes.size_max());
        buffer_.commit(partition_of(stable_hash(key), plan_.partitions), key_prefix(key), key.size(),
                       bytes.write(write_key(to, key)));
    }
    /// Writes what is left. Returns how often the budget was used up before.
    std::uint64_t finish() {
        buffer_.write_to(writer_, plan_.sorted);
        return spills_;
    }

  private:
    char* room(std::size_t bytes) {
        if (buffer_.bytes() + bytes > plan_.memory_budget && buffer_.records() >= records_min) [[unlikely]] {
            buffer_.write_to(writer_, plan_.sorted);
            buffer_.clear();
            ++spills_;
        }
        return buffer_.reserve(bytes);
    }

    static constexpr std::uint32_t no_place = 0;
    static constexpr std::size_t records_min = 64;  // however small the budget

    segment_writer& writer_;
    sink_plan plan_;
    record_buffer buffer_;
    short_batch<V> batch_{};
    std::string scratch_;
    std::uint64_t spills_ = 0;
    std::uint64_t singles_ = 0;
};

}  // namespace sheaf::detail
