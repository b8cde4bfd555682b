// Ready-made accumulators for accumulate_with(): what a map/reduce job keeps of the values of a key.
//
//     inline constexpr sheaf::map_reduce<"mean", std::string, double> mean_by_city{};
//     app.bind(mean_by_city, sheaf::map_with(read_lines).accumulate_with<sheaf::mean>().format_with(
//         [](std::string& out, std::string_view city, const sheaf::mean& of) { ... of.value() ... }));
//
// An accumulator of one's own is any default constructible class with
//     void add(const V& value);              takes one value in
//     void merge(accumulator&& other);       takes in what another one took
//     void serialize(archive&);              cereal's, to go from mapper to reducer
// The result must not depend on where the values were cut. Values come, and are merged, in the order of the input. One that holds memory
// may say how much, std::size_t bytes_held() const, so that the run's budget need not find out by walking through it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/detail/key_codec.hpp>
#include <sheaf/detail/record.hpp>
#include <sheaf/detail/stable_hash.hpp>

namespace sheaf {

/// How many values there are.
class count {
  public:
    template <class V>
    void add(const V&) noexcept {
        ++count_;
    }
    void merge(const count& other) noexcept { count_ += other.count_; }
    [[nodiscard]] std::uint64_t value() const noexcept { return count_; }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(count_);
    }

  private:
    std::uint64_t count_ = 0;
};

/// Their sum. Of floating point numbers the last digits depend on how the input was split.
template <class T>
class sum {
  public:
    void add(const T& value) { sum_ += value; }
    void merge(const sum& other) { sum_ += other.sum_; }
    [[nodiscard]] const T& value() const noexcept { return sum_; }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(sum_);
    }

  private:
    T sum_{};
};

/// Their mean and variance, computed so that large values do not drown small differences.
class mean {
  public:
    void add(double value) noexcept {
        ++count_;
        const double off = value - mean_;
        mean_ += off / static_cast<double>(count_);
        squares_ += off * (value - mean_);
    }
    void merge(const mean& other) noexcept {
        if (other.count_ == 0) return;
        const auto ours = static_cast<double>(count_);
        const auto theirs = static_cast<double>(other.count_);
        const double off = other.mean_ - mean_;
        count_ += other.count_;
        mean_ += off * theirs / (ours + theirs);
        squares_ += other.squares_ + off * off * ours * theirs / (ours + theirs);
    }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] double value() const noexcept { return mean_; }
    /// Of all there are; 0 of a single one.
    [[nodiscard]] double variance() const noexcept { return count_ == 0 ? 0 : squares_ / static_cast<double>(count_); }
    /// Of a larger set that these are a sample of; 0 of a single one.
    [[nodiscard]] double sample_variance() const noexcept {
        return count_ < 2 ? 0 : squares_ / static_cast<double>(count_ - 1);
    }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(count_, mean_, squares_);
    }

  private:
    std::uint64_t count_ = 0;
    double mean_ = 0;
    double squares_ = 0;  ///< of the distances from the mean, added up
};

/// The one that comes first by `Less`; of equal ones the first of the input. T is default constructible.
template <class T, class Less = std::less<>>
class minimum {
  public:
    void add(const T& value) {
        if (some_ && !Less{}(value, value_)) return;
        value_ = value;
        some_ = true;
    }
    void merge(minimum&& other) {
        if (other.some_ && (!some_ || Less{}(other.value_, value_))) *this = std::move(other);
    }
    [[nodiscard]] const T& value() const noexcept { return value_; }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(some_, value_);
    }

  private:
    bool some_ = false;
    T value_{};
};

namespace detail {
template <class Less>
struct reversed {
    template <class T>
    bool operator()(const T& a, const T& b) const {
        return Less{}(b, a);
    }
};
}  // namespace detail

/// The one that comes last by `Less`; of equal ones the first of the input.
template <class T, class Less = std::less<>>
class maximum : public minimum<T, detail::reversed<Less>> {};

/// The N that come first by `Before`: by default the greatest; of equal ones the first of the input. For N up to some hundreds.
template <std::size_t N, class T, class Before = std::greater<>>
class top {
    static_assert(N > 0);

  public:
    void add(const T& value) {
        if (best_.size() == N) {
            if (!Before{}(value, best_.back())) return;
            best_.pop_back();
        }
        best_.insert(std::upper_bound(best_.begin(), best_.end(), value, Before{}), value);
    }
    void merge(top&& other) {
        for (const T& one : other.best_) add(one);
    }
    /// At most N, the first first.
    [[nodiscard]] const std::vector<T>& values() const noexcept { return best_; }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(best_);
    }

  private:
    std::vector<T> best_;  ///< in order
};

/// All different values. Exact, and as large as they are; distinct_estimate needs little memory.
template <class T>
class distinct {
  public:
    void add(const T& value) {
        values_.push_back(value);
        if (values_.size() >= tidy_at_) tidy();
    }
    void merge(distinct&& other) {
        values_.insert(values_.end(), std::move_iterator(other.values_.begin()),
                       std::move_iterator(other.values_.end()));
        if (values_.size() >= tidy_at_) tidy();
    }
    /// Sorted.
    [[nodiscard]] std::vector<T> values() const {
        distinct copy = *this;
        copy.tidy();
        return std::move(copy.values_);
    }
    [[nodiscard]] std::uint64_t count() const { return values().size(); }

    template <class Archive>
    void serialize(Archive& archive) {
        tidy();
        archive(values_);
    }

  private:
    // When half of them may be new, so that all the sorting together is little more than one of all.
    void tidy() {
        std::sort(values_.begin(), values_.end());
        values_.erase(std::unique(values_.begin(), values_.end()), values_.end());
        tidy_at_ = std::max<std::size_t>(16, 2 * values_.size());
    }

    std::vector<T> values_;
    std::size_t tidy_at_ = 16;
};

/// About how many different values there are: within 2 % in two of three cases, in at most 4 KiB however many (HyperLogLog with 2^12
/// registers; exact up to some hundred). T is anything that can be a key.
template <class T>
class distinct_estimate {
  public:
    void add(const typename detail::key_codec<T>::argument& value) {
        std::string scratch;
        char room[16];
        add_hash(detail::stable_hash(detail::key_codec<T>::write(value, scratch).bytes(room)));
    }
    void merge(distinct_estimate&& other) {
        if (other.registers_.empty()) {
            for (const std::uint64_t hash : other.hashes_) add_hash(hash);
            return;
        }
        if (registers_.empty()) std::swap(*this, other);
        if (registers_.empty()) return;
        for (const std::uint64_t hash : other.hashes_) add_hash(hash);
        for (std::size_t i = 0; i < other.registers_.size(); ++i)
            registers_[i] = std::max(registers_[i], other.registers_[i]);
    }
    [[nodiscard]] std::uint64_t count() const {
        if (registers_.empty()) return hashes_.size();
        double sum = 0;
        std::size_t zeros = 0;
        for (const std::uint8_t one : registers_) {
            sum += std::ldexp(1.0, -one);
            zeros += one == 0 ? 1 : 0;
        }
        constexpr auto m = static_cast<double>(register_count);
        const double estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
        // Few values: how many registers are untouched says more.
        if (estimate <= 2.5 * m && zeros != 0) return rounded(m * std::log(m / static_cast<double>(zeros)));
        return rounded(estimate);
    }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(hashes_, registers_);
        if (!registers_.empty()) registers_.resize(register_count);  // whatever was read
    }

  private:
    static constexpr unsigned register_bits = 12;
    static constexpr std::size_t register_count = std::size_t{1} << register_bits;
    static constexpr std::size_t hashes_max = 256;

    static std::uint64_t rounded(double number) noexcept { return static_cast<std::uint64_t>(number + 0.5); }

    void add_hash(std::uint64_t hash) {
        if (!registers_.empty()) return count_in(hash);
        const auto at = std::lower_bound(hashes_.begin(), hashes_.end(), hash);
        if (at != hashes_.end() && *at == hash) return;
        hashes_.insert(at, hash);
        if (hashes_.size() <= hashes_max) return;
        registers_.assign(register_count, 0);
        for (const std::uint64_t one : hashes_) count_in(one);
        hashes_ = {};
    }
    void count_in(std::uint64_t hash) noexcept {
        // Mixed once more: the hash itself has chosen the partition, and its top bits are alike here.
        const std::uint64_t mixed = detail::fold(hash, detail::hash_key_length);
        const auto rank =
            static_cast<std::uint8_t>(1 + __builtin_ctzll(mixed >> register_bits | std::uint64_t{1} << 52));
        std::uint8_t& kept = registers_[mixed & (register_count - 1)];
        kept = std::max(kept, rank);
    }

    std::vector<std::uint64_t> hashes_;    ///< sorted, while there are few
    std::vector<std::uint8_t> registers_;  ///< when there are many
};

/// All values, in the order of the input. They are in memory together: where a key may have more values than that, use reduce_with().
template <class T>
class list {
  public:
    void add(const T& value) { values_.push_back(value); }
    void merge(list&& other) {
        values_.insert(values_.end(), std::move_iterator(other.values_.begin()),
                       std::move_iterator(other.values_.end()));
    }
    [[nodiscard]] const std::vector<T>& values() const noexcept { return values_; }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(values_);
    }

  private:
    std::vector<T> values_;
};

/// Numbers in the order of the input, such as those of the documents that have a word, in about a byte each when they ascend by little.
/// A number that equals the one before it is left out.
class posting_list {
  public:
    void add(std::uint64_t number) {
        if (count_ != 0 && number == last_) return;
        append(number);
    }
    void merge(posting_list&& other) {
        if (count_ == 0) {
            *this = std::move(other);
        } else if (other.count_ != 0) {
            append_list(other);
        }
    }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    /// Calls f(number) for each.
    template <class F>
    void for_each(F&& f) const {
        std::uint64_t number = 0;
        const char* const end = steps_.data() + steps_.size();
        for (const char* at = steps_.data(); at != end; f(number)) {
            std::uint64_t step = 0;
            at = detail::read_varint(at, end, step);
            if (at == nullptr) break;
            number += unfold_sign(step);
        }
    }

    [[nodiscard]] std::size_t bytes_held() const noexcept { return steps_.capacity() > 15 ? steps_.capacity() + 1 : 0; }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(steps_, last_, count_);
    }

  private:
    // Steps back are rare but allowed: the sign is the lowest bit.
    static std::uint64_t fold_sign(std::uint64_t step) noexcept { return step << 1 ^ (0 - (step >> 63)); }
    static std::uint64_t unfold_sign(std::uint64_t step) noexcept { return step >> 1 ^ (0 - (step & 1)); }

    void append(std::uint64_t number) {
        char bytes[detail::varint_bytes_max];
        steps_.append(bytes, detail::write_varint(bytes, fold_sign(number - last_)));
        last_ = number;
        ++count_;
    }
    // Only its first step changes.
    void append_list(const posting_list& other) {
        std::uint64_t step = 0;
        const char* const end = other.steps_.data() + other.steps_.size();
        const char* const rest = detail::read_varint(other.steps_.data(), end, step);
        if (rest == nullptr) return;
        const bool repeats = unfold_sign(step) == last_;
        if (!repeats) append(unfold_sign(step));
        steps_.append(rest, end);
        last_ = other.last_;
        count_ += other.count_ - 1;
    }

    std::string steps_;
    std::uint64_t last_ = 0;
    std::uint64_t count_ = 0;
};

}  // namespace sheaf
