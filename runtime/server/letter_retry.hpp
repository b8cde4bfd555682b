// One request to try dead letters again, in portions: of each, the store says what the letters are, the broker takes those that
// it may, and the store makes jobs of these. Pure.
//
// The broker comes first, so that a letter is a job, by its number and unique key, before the store makes it one: nobody can
// submit another one meanwhile. What dies in between leaves a letter, or a job.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "store/store.hpp"

namespace sheaf::server {

class letter_retry {
  public:
    explicit letter_retry(store::chosen_letters which) : which_(std::move(which)) {}

    /// What to ask the store next; not when all is done.
    [[nodiscard]] store::question next();
    [[nodiscard]] bool is_done() const noexcept { return is_last_ && taken_.empty(); }

    /// The store's reply to find_letters: what the broker is to take. Nothing: go on with next(), or all is done.
    [[nodiscard]] std::vector<store::job_row> found(store::found_letters&& what);
    /// What the broker has taken of those.
    void take(std::vector<store::job_number> taken);
    /// The store's reply to revive, or its error, for the broker: what became of each that it has taken.
    [[nodiscard]] std::vector<store::outcome> outcomes(const store::reply& said);

    struct counts {
        std::uint64_t jobs = 0;     ///< that are tried again
        std::uint64_t refused = 0;  ///< which stay letters, since a job with their unique key is there
    };
    [[nodiscard]] counts count() const noexcept { return counts_; }
    [[nodiscard]] bool is_about_one() const noexcept { return which_.id != 0 || !which_.unique.empty(); }

  private:
    store::chosen_letters which_;
    store::job_number after_ = 0;  ///< those up to there have had their turn
    store::job_number until_ = 0;  ///< what came after the request is none of its business
    bool is_last_ = false;
    std::size_t offered_ = 0;
    std::vector<store::job_number> taken_;  ///< and not yet in the store as jobs
    counts counts_;
};

}  // namespace sheaf::server
