// Some jobs that `sheaf queue import` submits, and what came of each.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "sheaf/runtime/client.hpp"

namespace sheaf::apps {

/// Hears of them on the client's thread, where their tags are their places in the batch; another thread submits them.
class import_batch final : public runtime::job_listener {
  public:
    enum class end : std::uint8_t {
        not_sent,  ///< and not there
        taken,     ///< the server has it
        refused,   ///< the server will not have it, and has said why
        full,      ///< the server has no room for jobs of its function
        unsure,    ///< there was no answer
    };
    struct outcome {
        end how = end::not_sent;
        error why{};  ///< of all but the first two
    };

    explicit import_batch(std::size_t jobs) : outcomes_(jobs) {}

    /// Waits until fewer than `most` are out; then one more is. False when it is of no use to submit more.
    [[nodiscard]] bool enter(std::size_t most);
    /// Waits until none is out, and says what came of each.
    [[nodiscard]] const std::vector<outcome>& settle();
    /// Why it is of no use to go on; nothing when it is. Of a batch that has settled.
    [[nodiscard]] const std::optional<error>& fault() const noexcept { return fault_; }

    void on_end(std::uint64_t tag, runtime::job_end end) override;

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<outcome> outcomes_;
    std::size_t out_ = 0;
    std::optional<error> fault_;
};

}  // namespace sheaf::apps
