// Reading a stream: the chunks of a call whose task returns stream<T>. Made by cluster::stream().
#pragma once

#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <sheaf/detail/chunk_inbox.hpp>
#include <sheaf/detail/pulled_range.hpp>
#include <sheaf/detail/typed_call.hpp>

namespace sheaf {

/// Bytes of chunks that may wait to be read, unless cluster::stream() is told otherwise.
inline constexpr std::size_t stream_buffer_bytes = std::size_t{64} << 20;

/// A stream on its way, as a range for one pass. One thread; movable. Destroying it before its end cancels the call.
///     for (const entry& e : cluster.stream(tail_log("/var/log/messages"), {.deadline = sheaf::forever})) use(e);
template <class Task>
class stream_run {
    static_assert(
        detail::is_stream<typename Task::result_type>,
        "sheaf: cluster.stream() is for tasks that return sheaf::stream<T>; use cluster.call() for this one.");
    static_assert(
        std::is_same_v<typename Task::codec, detail::binary_codec>,
        "sheaf: chunks travel in Sheaf's own encoding: a task that returns sheaf::stream<T> has no other codec.");
    using chunk_type = typename Task::result_type::chunk_type;

  public:
    using iterator = detail::pull_iterator<stream_run, chunk_type>;

    explicit stream_run(std::shared_ptr<detail::chunk_inbox> inbox) : inbox_(std::move(inbox)) {}
    stream_run(stream_run&&) noexcept = default;
    stream_run& operator=(stream_run&&) = delete;
    ~stream_run() {
        if (inbox_ != nullptr) inbox_->cancel();
    }

    /// The next chunk; waits for it. Nothing at the end. Throws, after the last chunk, what ended the stream: the exceptions
    /// that the task declares, else those of failure.hpp; errc::too_large when too much waited to be read.
    [[nodiscard]] std::optional<chunk_type> next() {
        const auto chunk = inbox_->next();
        if (chunk) return decoded(chunk->view());
        if (auto why = inbox_->problem()) {
            detail::throw_as_declared(*std::move(why), typename Task::errors{});
        }
        return std::nullopt;
    }
    /// Stops the handler; what has come already can still be read, and then errc::cancelled is thrown.
    void cancel() { inbox_->cancel(); }

    /// Waits for the first chunk. Call it once.
    iterator begin() {
        pull();
        return iterator(this);
    }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  private:
    friend iterator;
    void pull() { current_ = next(); }
    [[nodiscard]] std::optional<chunk_type>& current() noexcept { return current_; }

    static chunk_type decoded(std::string_view bytes) {
        try {
            return decode<chunk_type>(bytes);
        } catch (const std::exception& why) {
            throw_failure(detail::bad_result(Task::name(), why.what()));
        }
    }

    std::shared_ptr<detail::chunk_inbox> inbox_;
    std::optional<chunk_type> current_;
};

}  // namespace sheaf
