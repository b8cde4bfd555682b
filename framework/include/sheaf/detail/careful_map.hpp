// Mapping record by record, so that those for which the mapper throws can be left out. Not for users.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <sheaf/detail/for_each_split.hpp>
#include <sheaf/detail/key_codec.hpp>
#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/detail/mappers.hpp>
#include <sheaf/detail/output_file.hpp>
#include <sheaf/detail/record_sink.hpp>
#include <sheaf/detail/unit_refused.hpp>
#include <sheaf/emitter.hpp>

namespace sheaf::detail {

/// Lists the record at `place` as bad, for the reason in what.skip_reason, or else the exception that is being handled. Throws that when
/// there are too many.
void add_bad_record(const map_assignment& what, const record_place& place, std::vector<bad_record>& bad);

/// Lists the group of `key` as bad, for the exception that is being handled. Throws that when there are too many.
void add_bad_group(const reduce_assignment& what, const std::string& key, std::vector<bad_record>& bad);

/// Keeps what a record emits until its mapper has returned.
template <class V>
class holding_sink final : public record_sink<value_argument<V>> {
  public:
    using value_type = value_argument<V>;

    [[nodiscard]] short_batch<value_type>& batch() override {
        batch_.places = &no_place;
        return batch_;
    }
    void take_batch() override {
        if constexpr (is_batchable<value_type>) {
            char room[16];
            for (std::size_t i = 0; i < batch_.size; ++i) {
                batch_.items[i].key.store(room);
                held_.emplace_back(std::string(room, batch_.items[i].key.size()), V(batch_.items[i].value));
            }
        }
        batch_.size = 0;
    }
    void take(std::string_view key, value_type&& value) override {
        take_batch();
        held_.emplace_back(std::string(key), V(std::move(value)));
    }

    void clear() noexcept {
        batch_.size = 0;
        held_.clear();
    }
    template <class K>
    void pass_on(emitter<K, V>& to) {
        for (auto& [key, value] : held_) to.emit(key_codec<K>::read(key), std::move(value));
        held_.clear();
    }

  private:
    static constexpr std::uint32_t no_place = 0;

    short_batch<value_type> batch_{};
    std::vector<std::pair<std::string, V>> held_;
};

/// What has been appended since this was made is taken back with it, unless it is kept.
class held_text {
  public:
    explicit held_text(output_file& file) : file_(file), before_(file.text().size()) { file.hold(); }
    held_text(const held_text&) = delete;
    held_text& operator=(const held_text&) = delete;
    ~held_text() {
        if (!kept_) file_.text().resize(before_);
        file_.release();
    }
    void keep() noexcept { kept_ = true; }

  private:
    output_file& file_;
    std::size_t before_;
    bool kept_ = false;
};

/// What one record gave, held back: for mappers that emit, and for those that append text.
template <class Out>
class held_back;
template <class K, class V>
class held_back<emitter<K, V>> {
  public:
    explicit held_back(emitter<K, V>& out) : out_(out) {}

    /// Calls map(out). When it throws, nothing is left of what it gave.
    template <class Map>
    void hold(Map&& map) {
        sink_.clear();
        emitter<K, V> held(sink_);
        map(held);
        counted_ = held.finish();
    }
    /// Gives away what is held.
    void pass_on() {
        sink_.pass_on(out_);
        for (const auto& [name, count] : counted_) out_.count(name, count);
    }

  private:
    emitter<K, V>& out_;
    holding_sink<V> sink_;
    counters counted_;
};
template <>
class held_back<text_out> {
  public:
    explicit held_back(text_out& out) : out_(out) {}

    template <class Map>
    void hold(Map&& map) {
        held_text since(out_.file());
        map(out_);
        since.keep();
    }
    void pass_on() { out_.written(); }

  private:
    text_out& out_;
};

/// Calls map(one, out) for each record. What it gives for a record for which it throws is dropped, and leave_out(place) called. Only the
/// mapper is to blame for what it throws: what whoever takes or reads the records throws, a combiner or a disk, passes. With
/// what.skip_reason `map` is not called, and all records are left out.
template <class Split, class Out, class Map, class LeaveOut>
input_tally map_carefully(const map_assignment& what, const attempt_hooks& hooks, Out& out, Map&& map,
                          LeaveOut&& leave_out) {
    held_back<Out> held(out);
    return for_each_record<Split>(what, hooks, [&](const Split& one, const record_place& place) {
        if (!what.skip_reason.empty()) return leave_out(place);
        try {
            held.hold([&](auto& to) { map(one, to); });
        } catch (const unit_refused&) {
            throw;
        } catch (...) {
            return leave_out(place);
        }
        held.pass_on();
    });
}

}  // namespace sheaf::detail
