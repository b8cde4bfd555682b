// What an engine is asked for, in the order in which it was: changes, and questions between them.
#pragma once

#include <cstddef>
#include <variant>

#include "store/store.hpp"

namespace sheaf::store {

struct asked {
    ticket name = 0;
    question what;
};
/// A job_number is one to be forgotten.
using entry = std::variant<job_row, job_number, result_row, dead_letter, attempt_note, run_change, asked>;

[[nodiscard]] bool is_question(const entry& one);
/// Whether what came before it is written: answered with its batch or, when there is no space, later.
[[nodiscard]] bool asks_what_is_written(const entry& one);
/// Of these, the one that is answered later.
[[nodiscard]] bool asks_for_ends(const entry& one);
/// Any other question: a batch of its own, to be answered with what was before it committed.
[[nodiscard]] bool asks_alone(const entry& one);

/// A job or a run that its submitter has not been answered for. All else has happened, and is written sooner or later.
[[nodiscard]] bool may_be_refused(const entry& one);

/// How much memory it brings to its batch, about, in bytes.
[[nodiscard]] std::size_t payload_size(const entry& one);

}  // namespace sheaf::store
