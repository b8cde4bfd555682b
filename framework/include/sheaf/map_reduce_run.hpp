// A map/reduce run on its way, as whoever started it sees it. Made by map_reduce::start().
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include <sheaf/detail/pulled_range.hpp>
#include <sheaf/map_reduce_events.hpp>
#include <sheaf/map_reduce_options.hpp>
#include <sheaf/map_reduce_report.hpp>

namespace sheaf {

namespace detail {

struct unit_calls;
class call_engine;
class run_thread;

/// Waits for the next event; nothing at the run's end.
[[nodiscard]] std::optional<map_reduce_event> next_event_of(run_thread& run);

}  // namespace detail

/// A run, which goes on by itself on a thread of its own.
///
///     auto run = count_words.start(cluster, {.input = sheaf::text_files(paths), .output = "counts"});
///     for (const sheaf::map_reduce_event& one : run.events()) std::visit(show, one);
///     const auto report = run.wait();
///
/// Any thread, except that events are taken by one. Movable. Must end before its cluster: destroying it cancels the run and
/// waits for its end, which takes no longer than its attempts need to notice.
class map_reduce_run {
  public:
    /// For Sheaf.
    explicit map_reduce_run(std::unique_ptr<detail::run_thread> thread) noexcept;
    map_reduce_run(map_reduce_run&& other) noexcept;
    map_reduce_run& operator=(map_reduce_run&& other) noexcept;
    ~map_reduce_run();

    /// How far it is.
    [[nodiscard]] map_reduce_progress progress() const;

    /// What happens, as a range for one pass that ends with the run. Waits for the next event; at most about a thousand are kept
    /// for whoever comes late.
    [[nodiscard]] auto events() {
        return detail::pulled_range([thread = thread_.get()] { return detail::next_event_of(*thread); });
    }

    /// Waits for the run's end. Throws run_failed, and cancelled when it was stopped; then nothing of the run is left. May
    /// be called more than once.
    map_reduce_report wait();

    /// Ends the run; wait() then throws cancelled, unless it was over already. Does not wait.
    void cancel();

  private:
    std::unique_ptr<detail::run_thread> thread_;
};

namespace detail {

/// Starts the job on the workers that `engine` reaches. `slots`: how many attempts they can run at the same time; 0: the server
/// is asked.
[[nodiscard]] map_reduce_run start_map_reduce(const unit_calls& calls, call_engine& engine, std::size_t slots,
                                              map_reduce_options how);

}  // namespace detail
}  // namespace sheaf
