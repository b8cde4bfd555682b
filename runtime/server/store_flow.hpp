// How much memory waits for the store: what was given to it, and is not known to be written. Pure.
//
// The store tells nobody of every job, and in one mode of none: so a question is asked behind every few megabytes, whose answer
// says that all before it has been dealt with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace sheaf::server {

class store_flow {
  public:
    /// `most`: how many bytes may wait before those who submit jobs have to.
    explicit store_flow(std::size_t most) : most_(most) {}

    /// `bytes` were given to the store. True when it is to be asked a question now, whose answer is told to reached().
    [[nodiscard]] bool give(std::size_t bytes);
    /// The oldest of these questions was answered.
    void reached();

    /// Whether those who give more are to be held back.
    [[nodiscard]] bool is_over() const noexcept { return waiting_ > most_; }
    /// Whether those who were held back may go on.
    [[nodiscard]] bool has_room() const noexcept { return waiting_ <= most_ / 2; }
    /// All that was ever given.
    [[nodiscard]] std::uint64_t given() const noexcept { return given_; }

  private:
    std::size_t most_;
    std::size_t waiting_ = 0;
    std::size_t unmarked_ = 0;         ///< what came behind the last question
    std::deque<std::size_t> between_;  ///< what came before each open question, and behind the one before it
    std::uint64_t given_ = 0;
};

}  // namespace sheaf::server
