// What has happened and is not on the disk, since there was no space for it. Pure: who writes it is elsewhere.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "store/entry.hpp"

namespace sheaf::store {

/// How many there are of each kind.
struct unwritten_counts {
    std::size_t jobs = 0;  ///< that were acknowledged before they were written
    std::size_t ends = 0;
    std::size_t notes = 0;
    std::size_t steps = 0;

    [[nodiscard]] std::size_t all() const noexcept { return jobs + ends + notes + steps; }
};

class unwritten_entries {
  public:
    /// Of these no more is tried at once.
    static constexpr std::size_t portion_jobs_max = 1000;
    static constexpr std::size_t portion_bytes_max = std::size_t{4} << 20;

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] unwritten_counts counts() const;

    /// At the end, but for what makes space: that comes to the front, unless something of the same job is here.
    void keep(std::vector<entry> some);
    /// A question that is answered when all that is here is written.
    void keep_question(entry one) { entries_.push_back(std::move(one)); }

    /// Gives `write` one portion after the other, the oldest first, and smaller ones when there is no space (false), so that
    /// whatever has a place gets it: until all is written, or what there is no space for is the first.
    void write_with(const std::function<bool(std::span<entry>)>& write);
    /// Those questions that wait for nothing any more. They are here no longer.
    [[nodiscard]] std::vector<entry> take_first_questions();

    /// What has ended has ended, though it is not written. Empty: what is written has the answer.
    [[nodiscard]] std::optional<reply> answer(const question& what) const;
    /// Adds the dead letters among them, which are the newest ones.
    void list_letters_to(const list_letters& what, letter_list& to) const;

  private:
    [[nodiscard]] std::span<entry> portion(std::size_t first);
    [[nodiscard]] std::optional<reply> find(const find_ended& what) const;
    [[nodiscard]] bool has_job_of(const load_jobs& what) const;
    [[nodiscard]] bool has_letters() const;

    std::vector<entry> entries_;
    std::size_t most_ = portion_jobs_max;  ///< how many are tried at once
};

}  // namespace sheaf::store
