// One run from its input to its output: the thin shell around the planner.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "input/input_plan.hpp"
#include "map_reduce/progress_line.hpp"
#include "map_reduce/run_directory.hpp"
#include "map_reduce/run_plan.hpp"
#include "map_reduce/unit_events.hpp"
#include "output/output_directory.hpp"
#include <sheaf/detail/map_reduce_driver.hpp>

namespace sheaf::detail {

/// `why` as the failure of a run.
[[nodiscard]] failure failure_of(error why);
[[noreturn]] void throw_failed(error why);

/// What is known before the first attempt starts.
struct run_setup {
    std::chrono::steady_clock::time_point began;
    std::string id;
    input_plan input;
    std::uint32_t partitions = 1;
    std::uint64_t memory = 0;
    std::size_t slots = 1;
    bool waits_for_workers = false;  ///< nobody offers the job yet
};

/// Drives the attempts of one run. Used once, by one thread. Throws run_failed and cancelled.
class run_driver {
  public:
    run_driver(const unit_calls& calls, call_engine& engine, const map_reduce_options& how, run_setup setup,
               run_directory work, output_directory output);
    run_driver(const run_driver&) = delete;
    run_driver& operator=(const run_driver&) = delete;
    /// Nobody hears of attempts that are still out.
    ~run_driver();

    /// Both stages, then the output's publication.
    map_reduce_report run();

  private:
    using clock = std::chrono::steady_clock;
    struct flight {
        unit_attempt attempt;
        call_engine::call_id call = 0;
        double share_done = 0;
        std::vector<std::string> files;  // of a reduce attempt: what it was told to read
    };

    void start_attempts();
    void submit(const unit_attempt& attempt);
    [[nodiscard]] raw_call call_for(const unit_attempt& attempt, flight& of) const;
    void take(unit_event event);
    void end_map(const flight& one, raw_result outcome);
    void end_reduce(const flight& one, raw_result outcome);
    void end_badly(const flight& one, const failure& why);
    void report_lost(const flight& one, const segment_lost& lost, const failure& why);
    void accept(const unit_attempt& attempt, const reduce_output& made);
    void note_stage_change();
    [[nodiscard]] std::optional<clock::time_point> wake_up() const;
    [[nodiscard]] run_progress progress(clock::time_point now) const;
    [[nodiscard]] failure placed(const unit_attempt& attempt, failure why) const;
    [[nodiscard]] std::string where(const unit_attempt& attempt) const;
    [[noreturn]] void throw_why() const;
    [[nodiscard]] map_reduce_report finish();
    void add_units(map_reduce_report& report) const;

    const unit_calls& calls_;
    call_engine& engine_;
    std::stop_token stop_;
    run_setup setup_;
    run_directory work_;
    output_directory output_;
    run_plan plan_;
    std::shared_ptr<unit_events> events_ = std::make_shared<unit_events>();
    progress_line line_;
    std::unordered_map<std::uint64_t, flight> flights_;
    std::uint64_t last_tag_ = 0;
    std::vector<map_output> mapped_;      // the outputs that count, by split; empty names where there is none
    std::vector<reduce_output> reduced_;  // by partition
    std::uint64_t bytes_mapped_ = 0;
    std::optional<clock::time_point> maps_done_;
};

}  // namespace sheaf::detail
