// The two ways in which a map attempt gathers what is emitted until it is written: folded in a table, or laid out by partition as it
// comes. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <sheaf/detail/attempt.hpp>
#include <sheaf/detail/combine_table.hpp>
#include <sheaf/detail/key_survey.hpp>
#include <sheaf/detail/record_distributor.hpp>
#include <sheaf/detail/record_order.hpp>
#include <sheaf/detail/record_sink.hpp>
#include <sheaf/detail/segment.hpp>
#include <sheaf/detail/write_record.hpp>

namespace sheaf::detail {

/// Folds the values of equal keys as they come, and writes what it has when the budget is used up.
template <class Fold, class Partitioner>
class folding_sink final : public record_sink<typename Fold::input> {
  public:
    using input = typename Fold::input;

    /// `writer` is asked for when something is written; `sorted`: by key within partitions.
    folding_sink(std::function<segment_writer&()> writer, Partitioner choose, bool sorted, std::uint64_t memory_budget,
                 std::stop_token stop, const Fold& fold)
        : writer_(std::move(writer)),
          choose_(std::move(choose)),
          sorted_(sorted),
          stop_(std::move(stop)),
          table_(memory_budget, order_bytes_per_key(choose_.partitions(), sorted), fold) {}

    [[nodiscard]] short_batch<input>& batch() override {
        table_.prepare(batch_);
        return batch_;
    }
    void take_batch() override {
        check_stop(stop_);
        survey_.pass(batch_);
        make_room(batch_.size);
        table_.add(batch_);
        table_.prepare(batch_);
    }
    void take(std::string_view key, input&& value) override {
        if (++singles_ % 64 == 0) check_stop(stop_);
        survey_.pass(key);
        // Before it is copied: no record could hold it, and the table keeps 32 bits of its length.
        if (key.size() > segment_record_bytes_max) throw_too_large(key.size());
        make_room(1);
        table_.add(key, std::move(value));
    }
    /// Writes what is left. Returns how often the budget was used up before.
    std::uint64_t finish() {
        write_table(writer_(), table_, choose_, sorted_);
        table_.release();
        return spills_;
    }
    /// How often the budget was used up, and the table written.
    [[nodiscard]] std::uint64_t spills() const noexcept { return spills_; }
    /// What came since the last spill.
    [[nodiscard]] combine_table<Fold>& table() noexcept { return table_; }
    [[nodiscard]] const key_survey& survey() const noexcept { return survey_; }

  private:
    void make_room(std::size_t keys) {
        if (table_.make_room(keys)) [[likely]]
            return;
        write_table(writer_(), table_, choose_, sorted_);
        table_.clear();
        ++spills_;
        (void)table_.make_room(keys);  // an empty table always has some
    }

    std::function<segment_writer&()> writer_;
    Partitioner choose_;
    bool sorted_;
    std::stop_token stop_;
    combine_table<Fold> table_;
    short_batch<input> batch_{};
    key_survey survey_;
    std::uint64_t spills_ = 0;
    std::uint64_t singles_ = 0;
};

/// Passes every record on to its partition. `Order` (record_order.hpp) may make the key longer than the one that chooses the partition.
template <class V, class Partitioner, class Order, value_framing Framing>
class distributing_sink final : public record_sink<value_argument<V>> {
  public:
    using input = value_argument<V>;

    distributing_sink(record_distributor& to, Partitioner choose, Order order, std::stop_token stop)
        : to_(to), choose_(std::move(choose)), order_(std::move(order)), stop_(std::move(stop)) {}

    [[nodiscard]] short_batch<input>& batch() override {
        batch_.places = &no_place;
        return batch_;
    }
    void take_batch() override {
        check_stop(stop_);
        survey_.pass(batch_);
        if constexpr (is_batchable<input>) {
            for (std::size_t i = 0; i < batch_.size; ++i) {
                auto& item = batch_.items[i];
                if constexpr (Partitioner::by_hash && Order::is_arrival) {
                    write(choose_.of_hash(item.hash), item.key, item.value);
                } else {
                    char room[16];
                    item.key.store(room);
                    distribute({room, item.key.size()}, item.value);
                }
            }
        }
        batch_.size = 0;
    }
    void take(std::string_view key, input&& value) override {
        if (++singles_ % 64 == 0) check_stop(stop_);
        survey_.pass(key);
        distribute(key, value);
    }
    [[nodiscard]] const key_survey& survey() const noexcept { return survey_; }

  private:
    void distribute(std::string_view key, const input& value) {
        const std::uint32_t partition = choose_.of(key);
        write(partition, order_.extend(key, value, key_scratch_), value);
    }
    template <class Key>
    void write(std::uint32_t partition, const Key& key, const input& value) {
        const value_bytes<V, Framing> bytes(value, scratch_);
        char* const to = to_.reserve(partition, varint_bytes_max + key.size() + 16 + bytes.size_max());
        to_.commit(partition, bytes.write(write_key(to, key)));
    }

    static constexpr std::uint32_t no_place = 0;

    record_distributor& to_;
    Partitioner choose_;
    Order order_;
    std::stop_token stop_;
    short_batch<input> batch_{};
    key_survey survey_;
    std::string scratch_;
    std::string key_scratch_;
    std::uint64_t singles_ = 0;
};

}  // namespace sheaf::detail
