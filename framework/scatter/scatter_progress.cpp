#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "scatter/scatter_terms.hpp"
#include "scatter/terminal_line.hpp"
#include <sheaf/scatter_progress.hpp>

namespace sheaf {
namespace {

/// Before this much is done, and has taken, the time that is left is a guess.
constexpr double share_min = 0.02;
constexpr std::chrono::milliseconds elapsed_min{200};

}  // namespace

std::string describe(const std::string& name, const scatter_progress& at) {
    std::string line = name + ": ";
    if (at.share) line += std::to_string(static_cast<int>(*at.share * 100)) + "%, ";
    line += std::to_string(at.ended);
    if (at.elements) line += " of " + std::to_string(*at.elements);
    if (at.failed != 0) line += ", " + std::to_string(at.failed) + " failed";
    if (at.left) {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), ", %.1f s left", static_cast<double>(at.left->count()) / 1000);
        line += text.data();
    }
    return line;
}

progress_observer terminal_progress(std::string name) {
    auto line = std::make_shared<detail::terminal_line>(true);
    return [line = std::move(line), name = std::move(name)](const scatter_progress& at) {
        const auto now = std::chrono::steady_clock::now();
        if (line->is_due(now)) line->draw(describe(name, at), now);
    };
}

namespace detail {

progress_meter::progress_meter(std::function<double(std::size_t)> weight, std::optional<std::size_t> elements,
                               time_point start)
    : weight_(std::move(weight)), elements_(elements), start_(start) {
    if (!elements_) return;
    whole_ = weight_ ? 0.0 : static_cast<double>(*elements_);
    for (std::size_t i = 0; weight_ && i < *elements_; ++i) *whole_ += weight_(i);
}

void progress_meter::ended(std::size_t index, bool well) {
    ++ended_;
    failed_ += well ? 0 : 1;
    weight_ended_ += weight(index);
}

scatter_progress progress_meter::at(time_point now, const std::vector<std::pair<std::size_t, double>>& running) const {
    scatter_progress seen{.ended = ended_, .failed = failed_, .elements = elements_, .weight_ended = weight_ended_};
    for (const auto& [index, share] : running) seen.weight_ended += share * weight(index);
    const auto elapsed = now - start_;
    const double seconds = std::chrono::duration<double>(elapsed).count();
    if (seconds > 0) seen.weight_per_second = seen.weight_ended / seconds;
    if (!whole_) return seen;
    seen.share = *whole_ > 0 ? std::min(1.0, seen.weight_ended / *whole_) : 1.0;
    if (*seen.share >= share_min && elapsed >= elapsed_min) {
        seen.left =
            std::chrono::milliseconds(static_cast<std::int64_t>(1000 * seconds * (1 - *seen.share) / *seen.share));
    }
    return seen;
}

progress_meter::time_point next_telling(progress_meter::time_point now, std::chrono::milliseconds every) noexcept {
    return every.count() <= 0 ? progress_meter::time_point::max() : later(now, every);
}

}  // namespace detail
}  // namespace sheaf
