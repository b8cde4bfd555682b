// What is said of a batch of entries when it has been written, or could not be.
#pragma once

#include <span>

#include "store/entry.hpp"

namespace sheaf::store {

class batch_answers {
  public:
    /// `hears` must outlive it.
    explicit batch_answers(const listener& hears) : hears_(hears) {}

    /// What became of each job that was to be kept.
    void jobs(std::span<const entry> of, const basic_result<void>& result) const;
    /// The steps of runs are made.
    void steps(std::span<const entry> of) const;
    /// The runs that were to begin, and their jobs, are not kept.
    void refused_runs(std::span<const entry> of, const error& why) const;
    /// To those who asked what is written: whether all that came before is.
    void written(std::span<const entry> of, bool is_all) const;
    void ends(std::span<const entry> of) const;
    void question(ticket name, reply said) const;

  private:
    const listener& hears_;
};

}  // namespace sheaf::store
