// The record of all attempts of a run.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "map_reduce/unit_attempt.hpp"
#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/map_reduce_report.hpp>

namespace sheaf::detail {

/// When an attempt was submitted, begun as far as is known, and ended: by the driver's clock.
struct attempt_times {
    using time_point = std::chrono::steady_clock::time_point;
    time_point began;
    time_point ended;
};

class attempt_log {
  public:
    using time_point = attempt_times::time_point;

    /// Of a run whose reduce units take `partitions_per_unit` partitions each, the last one fewer when there are not as many.
    attempt_log(time_point run_began, std::uint32_t partitions, std::uint32_t partitions_per_unit)
        : run_began_(run_began), partitions_(partitions), partitions_per_unit_(partitions_per_unit) {}

    /// One that had an output, good for whatever `end` says.
    const attempt_record& add(const unit_attempt& attempt, const attempt_times& when, attempt_record::end end,
                              const map_output& made);
    const attempt_record& add(const unit_attempt& attempt, const attempt_times& when, attempt_record::end end,
                              const reduce_output& made);
    const attempt_record& add(const unit_attempt& attempt, const attempt_times& when, attempt_record::end end,
                              const sample_output& made);
    /// One that had none.
    const attempt_record& add(const unit_attempt& attempt, const attempt_times& when, attempt_record::end end,
                              const std::string& worker, const std::string& why);
    /// The unit's output, which had won, is lost.
    void lose(run_stage stage, std::uint32_t index);

    [[nodiscard]] const std::vector<attempt_record>& records() const noexcept { return records_; }

  private:
    attempt_record& begin_record(const unit_attempt& attempt, const attempt_times& when, attempt_record::end end);
    // The worker knows better than the driver for how long it has worked.
    void set_facts(attempt_record& of, const attempt_facts& facts) const;

    time_point run_began_;
    std::uint32_t partitions_;
    std::uint32_t partitions_per_unit_;
    std::vector<attempt_record> records_;
};

}  // namespace sheaf::detail
