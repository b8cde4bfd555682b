// How many calls go into one job. Pure.
#pragma once

#include <chrono>
#include <cstddef>

namespace sheaf::detail {

/// Finds the size at which a pack runs for the target time: begins with single calls, and takes a larger size only on the
/// evidence of packs that are not much smaller.
class pack_sizer {
  public:
    using microseconds = std::chrono::microseconds;

    /// Packs of `most` calls or fewer that are to run for `target`.
    pack_sizer(std::size_t most, microseconds target) noexcept;
    /// Packs of `calls`, always.
    [[nodiscard]] static pack_sizer fixed(std::size_t calls) noexcept;

    [[nodiscard]] bool is_fixed() const noexcept { return fixed_; }
    /// How many calls the next pack may have.
    [[nodiscard]] std::size_t calls() const noexcept;

    /// A pack of `calls` ran for `took`, and its answer had `bytes`.
    void answered(std::size_t calls, microseconds took, std::size_t bytes) noexcept;
    /// A pack was lost as a whole, with its worker perhaps: begins anew.
    void lost() noexcept;
    /// The range took `took` to give the `calls` of a pack: calls that are ready do not wait for others for long.
    void gathered(std::size_t calls, microseconds took) noexcept;

  private:
    std::size_t most_;
    microseconds target_;
    bool fixed_ = false;
    std::size_t size_ = 1;
    std::size_t source_size_;  ///< what the range gives in good time
    double each_us_ = 0;       ///< what a call is expected to take
    double each_bytes_ = 0;    ///< what a result is expected to have
};

}  // namespace sheaf::detail
