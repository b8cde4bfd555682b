// Which keys are frequent among those that are emitted, as far as a sample tells. Not for users.
//
// One record of 1024 is looked at, at uneven distances, for inputs that repeat themselves. Of these, Misra and Gries' summary keeps the frequent keys in a few places: a key that is not
// there when all are taken costs each of the others one. What is counted of a key falls short by at most 1/33 of the sample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/detail/record_sink.hpp>

namespace sheaf::detail {

class key_survey {
  public:
    /// Looks at a record of the batch, now and then.
    template <class V>
    void pass(const short_batch<V>& batch) {
        constexpr std::uint64_t batches = 1024 / short_batch<V>::capacity;
        if (++batches_ % batches != 0 || batch.size == 0) [[likely]]
            return;
        const short_key& key = batch.items[batches_ / batches * 7 % batch.size].key;
        char room[16];
        key.store(room);
        look_at({room, key.size()});
    }
    /// Looks at a record that comes alone, now and then.
    void pass(std::string_view key) {
        if (++singles_ == next_single_) [[unlikely]]
            look_at_single(key);
    }
    void look_at(std::string_view key);
    /// Takes in what another survey saw.
    void add(const key_survey& other);

    /// How many records were looked at.
    [[nodiscard]] std::uint64_t looked_at() const noexcept { return looked_at_; }
    /// Keys that a tenth of them or more had, each with how many.
    [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> frequent() const;

  private:
    static constexpr std::size_t places = 32;
    static constexpr std::size_t key_bytes_max = 256;  // longer ones are not kept

    void look_at_single(std::string_view key);
    void count(std::string_view key, std::uint64_t times);

    std::uint64_t batches_ = 0;
    std::uint64_t singles_ = 0;
    std::uint64_t next_single_ = 1024;
    std::uint64_t looked_at_ = 0;
    std::vector<std::pair<std::string, std::uint64_t>> counts_;
};

}  // namespace sheaf::detail
