// One run from its first attempt to its output: the thin shell around the planner.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fetch/driver_exchange.hpp"
#include "input/input_plan.hpp"
#include "map_reduce/attempt_log.hpp"
#include "map_reduce/progress_line.hpp"
#include "map_reduce/run_board.hpp"
#include "map_reduce/run_plan.hpp"
#include "map_reduce/run_state.hpp"
#include "map_reduce/segment_space.hpp"
#include "map_reduce/server_watch.hpp"
#include "map_reduce/unit_events.hpp"
#include "map_reduce/verify_places.hpp"
#include <sheaf/detail/map_reduce_driver.hpp>

namespace sheaf::detail {

/// `why` as the failure of a run.
[[nodiscard]] failure failure_of(error why);
[[noreturn]] void throw_failed(error why);
/// The value, or the failure of a run.
template <class T>
T or_throw(basic_result<T, error> outcome) {
    if (!outcome) throw_failed(outcome.error());
    return std::move(*outcome);
}

/// Into how many groups splits are merged before they are reduced; 0 when there is one tier.
[[nodiscard]] std::uint32_t groups_for(const job_shape& job, std::size_t splits);

/// What an attempt at mapping them costs beside others, as bytes: opening files and starting it count, too.
[[nodiscard]] std::uint64_t map_cost_of(const std::vector<input_piece>& pieces);

/// What is known before the first attempt starts.
struct run_setup {
    std::chrono::steady_clock::time_point began;
    input_plan input;  ///< its splits are with the run's account
    std::vector<std::vector<input_piece>>
        sampled;  ///< what is looked at before keys are divided into ranges; mostly nothing
    job_shape job;
    side_reference side;
    std::uint64_t memory = 0;
    bool compress = false;  ///< map_reduce_options::compress_spills
    std::size_t slots = 1;
    bool waits_for_workers = false;  ///< nobody offers the job yet
};

/// Whom a run obeys, and whom it tells.
struct run_company {
    run_board& board;
    std::stop_token stop;
};

/// Drives the attempts of one run. Used once, by one thread. Throws run_failed and cancelled.
class run_driver {
  public:
    run_driver(const unit_calls& calls, call_engine& engine, const map_reduce_options& how, run_setup setup,
               run_state state, const run_company& company);
    run_driver(const run_driver&) = delete;
    run_driver& operator=(const run_driver&) = delete;
    /// Nobody hears of attempts that are still out.
    ~run_driver();

    /// All stages, then the output's publication.
    map_reduce_report run();

  private:
    using clock = std::chrono::steady_clock;
    struct flight {
        unit_attempt attempt;
        call_engine::call_id call = 0;
        double share_done = 0;
        clock::time_point submitted;
        clock::time_point began;         // as far as is known
        bool stalled = false;            // it was cancelled because it was silent
        std::vector<std::string> files;  // of a reduce attempt: what it was told to read
        std::vector<std::string>
            brought;  // of an output on another host: the names that its files get in the staging directory
    };
    using unit_name = std::pair<run_stage, std::uint32_t>;

    [[nodiscard]] map_reduce_report run_to_its_end();
    void restore();
    void throw_if_interrupted() const;
    void start_attempts();
    void end_attempts();
    void submit(const unit_attempt& attempt);
    [[nodiscard]] raw_call call_for(const unit_attempt& attempt, flight& of);
    template <class Assignment>
    [[nodiscard]] Assignment assignment_for(const unit_attempt& attempt) const;
    [[nodiscard]] sample_assignment sample_assignment_for(const unit_attempt& attempt) const;
    [[nodiscard]] map_assignment map_assignment_for(const unit_attempt& attempt) const;
    [[nodiscard]] reduce_assignment reduce_assignment_for(const unit_attempt& attempt) const;
    [[nodiscard]] reduce_assignment merge_assignment_for(const unit_attempt& attempt) const;
    [[nodiscard]] std::vector<std::string> mapped_files(std::span<const std::uint32_t> units) const;
    [[nodiscard]] std::vector<std::string> merged_files() const;
    [[nodiscard]] std::uint64_t bad_records_left() const;

    [[nodiscard]] run_access access() const;
    void submit_with_address(const unit_attempt& attempt);
    template <class Output>
    void place_segment(Output& made);
    /// Whether the output's files have to come from another host: the attempt then ends again, when they are here. Else names
    /// them as they are called here.
    [[nodiscard]] bool bring(const flight& one, map_output& made, const raw_result& outcome);
    [[nodiscard]] bool bring(const flight& one, reduce_output& made, const raw_result& outcome);
    [[nodiscard]] bool bring(const flight& one, const std::string& location, const std::vector<std::string>& files,
                             const raw_result& outcome);

    void take(unit_event event);
    void end_sample(const flight& one, raw_result outcome);
    void end_map(const flight& one, raw_result outcome);
    void end_merge(const flight& one, raw_result outcome);
    void end_reduce(const flight& one, raw_result outcome);
    void end_unreduced(const flight& one, const failure& why);
    void end_badly(const flight& one, const failure& why);
    void report_lost(const flight& one, const segment_lost& lost, const failure& why);
    void lose(const flight& one, const segment_lost& lost, const failure& why, bool with_host);
    void forget_segment(const unit_attempt& maker, const std::string& why);
    void lose_all_at(const std::string& location, const std::string& why);
    [[nodiscard]] std::string first_worker_of(const unit_attempt& attempt) const;
    void watch_servers();
    void ask_servers();
    void divide(const unit_attempt& attempt);
    template <class Output>
    void settle(const flight& one, Output made, std::map<std::uint32_t, Output>& halves);
    void differ(const unit_attempt& attempt, const std::string& worker);
    [[nodiscard]] std::optional<unit_attempt> maker_of(const std::string& segment) const;
    void accept(const unit_attempt& attempt, map_output made);
    void accept(const unit_attempt& attempt, reduce_output made);
    void discard(const unit_attempt& of, const map_output& made);
    void discard(const unit_attempt& of, const reduce_output& made);
    void remove_segment(const std::string& file);
    void free_group(std::uint32_t group);
    void map_again(std::uint32_t group);
    void remove_files_of(const unit_attempt& attempt) const;
    void note(const run_note& what);
    void skip_records(const std::vector<bad_record>& bad);
    void choose_boundaries();
    void accept_mapped();
    void discard_segments() const;
    [[nodiscard]] published_output publish(const std::function<basic_result<void, error>()>& first);
    void free_space_of(std::uint32_t unit);
    void note_stage_change();

    [[nodiscard]] std::optional<clock::time_point> wake_up() const;
    [[nodiscard]] map_reduce_progress progress(clock::time_point now) const;
    void show_progress();
    [[nodiscard]] failure placed(const unit_attempt& attempt, failure why) const;
    [[nodiscard]] std::string where(const unit_attempt& attempt) const;
    [[nodiscard]] map_reduce_report finish();
    void add_units(map_reduce_report& report) const;
    void add_counts(map_reduce_report& report) const;

    const unit_calls& calls_;
    call_engine& engine_;
    map_reduce_options how_;
    run_setup setup_;
    run_state state_;
    run_company company_;
    run_plan plan_;
    segment_space space_;
    attempt_log log_;
    std::shared_ptr<unit_events> events_ = std::make_shared<unit_events>();
    progress_line line_;
    server_watch servers_;
    fetch::driver_exchange exchange_;
    std::string key_;  // what the unique keys of this driver's attempts begin with
    std::unordered_map<std::uint64_t, flight> flights_;
    std::uint64_t last_tag_ = 0;
    std::vector<std::vector<std::string>> samples_;         // the keys of each sample
    std::map<std::uint32_t, map_output> map_halves_;        // of a run that is verified: outputs of first attempts
    std::map<std::uint32_t, reduce_output> merge_halves_;   // as above
    std::map<std::uint32_t, reduce_output> reduce_halves_;  // as above
    verify_places places_;                                  // as above
    std::map<unit_name, std::string> last_troubles_;        // of units that killed workers: what was said of it
    std::string last_refusal_;                              // what a host said that had no space for an attempt
    std::vector<std::string> notes_;
    run_stage stage_ = run_stage::sample;
    std::optional<clock::time_point> maps_done_;
    std::uint64_t map_bytes_ = 0;  // what all splits have together, by which the map stage's progress is told
    clock::time_point next_progress_{};
};

}  // namespace sheaf::detail
