// A run of a plan, as whoever started it sees it. Made by cluster::start().
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/detail/pipeline_driver.hpp>
#include <sheaf/detail/plan_values.hpp>
#include <sheaf/detail/pulled_range.hpp>
#include <sheaf/pipeline_events.hpp>

namespace sheaf {

/// What a pipeline made of an item. The index is the item's place in the input; of plans with batch() or flatten it counts
/// what these made, in the order in which they made it.
template <class Out>
struct pipeline_outcome {
    std::uint64_t index = 0;
    Out outcome;
};

/// A pipeline on its way, on a thread of its own, which also reads the input and calls the plan's local functions. Outcomes
/// that nobody takes hold it up once there are pipeline_options::items of them; events that nobody takes are dropped.
/// An input that waits for its next item holds up what has come back meanwhile: let it give what it has.
///
///     auto run = cluster.start(plan, urls, {.in_order = true});
///     for (auto& [index, document] : run) store(index, document);
///     std::cerr << run.summary().skipped << " were skipped\n";
///
/// Outcomes are taken by one thread and events by one, which may be another. Movable. Destroying it cancels what is out,
/// and waits for a local function or the input, if they are at work.
template <class Out>
class pipeline_run {
  public:
    using outcome_type = detail::edge_type<Out>;

    explicit pipeline_run(std::unique_ptr<detail::pipeline_driver> driver)
        : driver_(std::move(driver)), outcomes_(puller{driver_.get()}) {}

    /// The next outcome: waits for it. Nothing at the end. When a stage whose on_failure is `fail` fails, the run ends:
    /// this throws what the task declares or the classes of failure.hpp, after all outcomes that were ready before. What
    /// the input or a local function throws passes through likewise.
    [[nodiscard]] std::optional<pipeline_outcome<outcome_type>> next() { return puller{driver_.get()}(); }

    /// The outcomes as a range, for one pass.
    auto begin() { return outcomes_.begin(); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

    /// What happens, as a range for one pass that ends with the run. Waits for the next event; at most about a thousand are
    /// kept for whoever comes late.
    ///     for (const sheaf::event& one : run.events()) std::visit(show, one);
    [[nodiscard]] auto events() {
        return detail::pulled_range([driver = driver_.get()] { return driver->next_event(); });
    }

    /// Takes no more of the input and ends what is out. The outcomes that are ready can still be taken; then there are no more.
    void cancel() { driver_->cancel(); }

    /// What became of the items so far; of all of them when there are no more outcomes.
    [[nodiscard]] pipeline_summary summary() const { return driver_->summary(); }

  private:
    struct puller {
        detail::pipeline_driver* driver;

        std::optional<pipeline_outcome<outcome_type>> operator()() const {
            auto raw = driver->next();
            if (!raw) return std::nullopt;
            return pipeline_outcome<outcome_type>{raw->index, detail::decode_edge<outcome_type>(raw->bytes.view())};
        }
    };

    std::unique_ptr<detail::pipeline_driver> driver_;
    detail::pulled_range<puller> outcomes_;
};

/// All outcomes of `run`, in the order of their indexes. Throws as next() does.
template <class Out>
std::vector<typename pipeline_run<Out>::outcome_type> in_order(pipeline_run<Out> run) {
    std::vector<std::optional<typename pipeline_run<Out>::outcome_type>> places;
    while (auto one = run.next()) {
        if (one->index >= places.size()) places.resize(one->index + 1);
        places[one->index] = std::move(one->outcome);
    }
    std::vector<typename pipeline_run<Out>::outcome_type> outcomes;
    outcomes.reserve(places.size());
    for (auto& place : places) {
        if (place) outcomes.push_back(*std::move(place));
    }
    return outcomes;
}

}  // namespace sheaf
