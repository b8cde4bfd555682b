// The chunks of one stream that have come and have not been read. Not for users.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <sheaf/detail/call_engine.hpp>

namespace sheaf::detail {

/// One stream call. Chunks come in on the engine's thread, and are taken by one other.
class chunk_inbox final : public call_sender::listener {
  public:
    /// When more than `bytes_max` wait to be read, the call is cancelled and ends with errc::too_large.
    [[nodiscard]] static std::shared_ptr<chunk_inbox> submit(const std::shared_ptr<call_sender>& through,
                                                             const raw_call& call, const call_options& how,
                                                             std::size_t bytes_max);
    chunk_inbox(std::weak_ptr<call_sender> through, std::string task, std::size_t bytes_max)
        : through_(std::move(through)), task_(std::move(task)), bytes_max_(bytes_max) {}

    void on_chunk(std::uint64_t tag, shared_bytes chunk) override;
    void on_result(std::uint64_t tag, raw_result outcome) override;

    /// The next chunk, or nothing when the stream has ended; waits for either.
    [[nodiscard]] std::optional<shared_bytes> next();
    /// Of a stream that has ended: why not well.
    [[nodiscard]] std::optional<failure> problem();
    void cancel();

  private:
    std::weak_ptr<call_sender> through_;
    const std::string task_;
    const std::size_t bytes_max_;
    call_sender::call_id id_ = 0;

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<shared_bytes> chunks_;
    std::size_t bytes_ = 0;
    bool ended_ = false;
    std::optional<failure> problem_;
};

}  // namespace sheaf::detail
