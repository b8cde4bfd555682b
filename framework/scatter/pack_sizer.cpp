#include "scatter/pack_sizer.hpp"

#include <algorithm>

namespace sheaf::detail {
namespace {

constexpr std::size_t growth = 4;
// Answers of more are cut short by workers at last, and crowd out others on the way.
constexpr double answer_bytes = 256.0 * 1024;
constexpr std::chrono::microseconds gathering_time{2000};

/// Believes in slower calls at once, and in faster ones by and by.
double expect(double before, double seen) { return std::max(seen, 0.75 * before + 0.25 * seen); }

std::size_t fitting(double room, double each, std::size_t most) {
    return each * static_cast<double>(most) <= room ? most : static_cast<std::size_t>(room / each);
}

}  // namespace

pack_sizer::pack_sizer(std::size_t most, microseconds target) noexcept
    : most_(std::max<std::size_t>(most, 1)), target_(target), source_size_(most_) {}

pack_sizer pack_sizer::fixed(std::size_t calls) noexcept {
    pack_sizer always(calls, microseconds(0));
    always.fixed_ = true;
    always.size_ = always.most_;
    return always;
}

std::size_t pack_sizer::calls() const noexcept { return std::min(size_, source_size_); }

void pack_sizer::answered(std::size_t calls, microseconds took, std::size_t bytes) noexcept {
    if (fixed_ || calls == 0) return;
    each_us_ = expect(each_us_, static_cast<double>(took.count()) / static_cast<double>(calls));
    each_bytes_ = expect(each_bytes_, static_cast<double>(bytes) / static_cast<double>(calls));
    const std::size_t believed = std::max(size_, growth * calls);
    size_ = std::min({believed, fitting(static_cast<double>(target_.count()), each_us_, most_),
                      fitting(answer_bytes, each_bytes_, most_)});
    size_ = std::max<std::size_t>(size_, 1);
}

void pack_sizer::lost() noexcept {
    if (!fixed_) size_ = 1;
}

void pack_sizer::gathered(std::size_t calls, microseconds took) noexcept {
    if (took > gathering_time) {
        source_size_ = std::max<std::size_t>(calls / 2, 1);
    } else if (calls >= source_size_) {
        source_size_ = std::min(2 * source_size_, most_);
    }
}

}  // namespace sheaf::detail
