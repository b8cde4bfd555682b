// What a run of a pipeline tells while it goes on, and at its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <sheaf/failure.hpp>

namespace sheaf {

namespace events {

/// How far the run is; at most ten times a second.
struct progress {
    std::uint64_t done = 0;  ///< items of the input that are over
    /// The share of the input that is done, 0 to 1. Only when the input's size is known: a vector's is, a generator's not.
    std::optional<double> fraction{};
    /// How long it will take yet at the pace so far.
    std::optional<std::chrono::milliseconds> eta{};
};

/// Nothing more will come to the stage, and all that came has left it.
struct stage_done {
    std::string name;
    std::uint64_t ok = 0;
    std::uint64_t failed = 0;
    std::uint64_t skipped = 0;
    std::uint64_t total = 0;
};

/// A call failed and is tried again.
struct retrying {
    std::string stage;
    unsigned attempt = 0;  ///< the one that failed, from 1
    failure why{};
};

/// An item has no result at a stage, all attempts being over. What the stage's on_failure says is done.
struct item_failed {
    std::string stage;
    std::uint64_t index =
        0;  ///< as outcomes are counted there: of the input, or of what flatten() or batch() made of it
    failure why{};
};

/// A line of text that a handler sent with context::warn().
struct warning {
    std::string stage;
    std::string text;
};

/// So many events were not kept, because nobody took them.
struct missed {
    std::uint64_t count = 0;
};

}  // namespace events

/// For std::visit.
using event = std::variant<events::progress, events::stage_done, events::retrying, events::item_failed, events::warning,
                           events::missed>;

/// What became of the items that came to one stage: in == ok + failed + skipped when the run is over.
struct stage_summary {
    std::string name;
    std::uint64_t in = 0;
    std::uint64_t ok = 0;
    std::uint64_t failed = 0;
    /// Left out by a filter; or not done, since the item had failed elsewhere already or the run ended.
    std::uint64_t skipped = 0;
    /// Attempts after one that failed.
    std::uint64_t retried = 0;
};

/// What became of everything. items == finished + filtered + skipped + unfinished when the run is over.
struct pipeline_summary {
    std::uint64_t items = 0;  ///< taken from the input
    std::uint64_t finished =
        0;  ///< that have, or have a part in, an outcome that was ready; a collected failure is one
    std::uint64_t filtered = 0;  ///< of which nothing was left, and nothing failed
    std::uint64_t skipped = 0;  ///< that failed, wholly or in part, at a stage that skips; and nothing of them was left
    std::uint64_t unfinished = 0;       ///< that the end of the run met on their way
    std::uint64_t outcomes = 0;         ///< that were ready
    std::uint64_t most_items = 0;       ///< that were held at a time
    std::uint64_t most_bytes = 0;       ///< that these took, encoded
    std::vector<stage_summary> stages;  ///< in the order of the plan
    bool over = false;                  ///< whether the run has ended
};

}  // namespace sheaf
