// What reducers emit to: keys and values go to the output, formatted, in the order in which they come. Not for users.
#pragma once

#include <string_view>
#include <utility>

#include <sheaf/detail/output_file.hpp>
#include <sheaf/detail/pair_format.hpp>
#include <sheaf/detail/record_sink.hpp>
#include <sheaf/emitter.hpp>

namespace sheaf::detail {

template <class K, class V, class Format>
class pair_sink final : public record_sink<value_argument<V>> {
  public:
    using value_type = value_argument<V>;

    pair_sink(output_file& out, Format format, const output_format& how) : out_(out), format_(std::move(format), how) {
        out.begin_records(format_.schema());
    }

    [[nodiscard]] short_batch<value_type>& batch() override {
        batch_.places = &no_place;
        return batch_;
    }
    void take_batch() override {
        if constexpr (is_batchable<value_type>) {
            char room[16];
            for (std::size_t i = 0; i < batch_.size; ++i) {
                batch_.items[i].key.store(room);
                write({room, batch_.items[i].key.size()}, batch_.items[i].value);
            }
        }
        batch_.size = 0;
    }
    void take(std::string_view key, value_type&& value) override {
        take_batch();  // what was emitted before
        write(key, value);
    }
    /// Forgets what has not been written.
    void drop_batch() noexcept { batch_.size = 0; }
    [[nodiscard]] std::uint64_t pairs() const noexcept { return pairs_; }

  private:
    void write(std::string_view key, const value_type& value) {
        format_(out_.text(), key_codec<K>::read(key), value);
        out_.written();
        ++pairs_;
    }

    static constexpr std::uint32_t no_place = 0;

    output_file& out_;
    pair_format<K, V, Format> format_;
    short_batch<value_type> batch_{};
    std::uint64_t pairs_ = 0;
};

}  // namespace sheaf::detail
