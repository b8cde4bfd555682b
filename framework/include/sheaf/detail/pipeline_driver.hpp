// One run of a plan whose types are erased. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <sheaf/detail/call_engine.hpp>
#include <sheaf/detail/plan_graph.hpp>
#include <sheaf/pipeline_events.hpp>
#include <sheaf/pipeline_options.hpp>

namespace sheaf::detail {

/// A run's input, encoded. Used by the run's own thread.
class item_source {
  public:
    virtual ~item_source() = default;
    /// The next item; nothing when there are no more. What it throws ends the run.
    virtual std::optional<shared_bytes> next() = 0;
    /// How many items there are in all, if that is known.
    [[nodiscard]] virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
};

struct pipeline_setup {
    std::shared_ptr<call_sender> through;
    /// For the steps that need one; kept until the run is gone.
    std::shared_ptr<cluster> on{};
    std::size_t workers = 0;
    pipeline_options how{};
};

struct raw_outcome {
    std::uint64_t index = 0;
    shared_bytes bytes;
};

/// Runs a plan on a thread of its own, which ends with the run. Destroying it cancels the run.
class pipeline_driver {
  public:
    pipeline_driver(std::shared_ptr<const plan_graph> plan, std::unique_ptr<item_source> input, pipeline_setup setup);
    pipeline_driver(const pipeline_driver&) = delete;
    pipeline_driver& operator=(const pipeline_driver&) = delete;
    ~pipeline_driver();

    /// The next outcome: waits for it. Nothing at the end; throws why the run ended early, unless by cancel().
    std::optional<raw_outcome> next();
    /// The next event: waits for it. Nothing at the end. At any time on any one thread.
    std::optional<event> next_event();
    void cancel();
    /// So far.
    [[nodiscard]] pipeline_summary summary() const;

  private:
    class state;
    std::shared_ptr<state> state_;
};

}  // namespace sheaf::detail
