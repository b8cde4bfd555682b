// How far a background job is, and what it waits for.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sheaf {

enum class background_state : std::uint8_t {
    unknown,    ///< the server knows no such job: it never did, was told to forget it, or the job ended too long ago
    storing,    ///< it is being written to the server's disk
    delayed,    ///< its time has not come: the one that was asked for, or that of its next attempt
    queued,     ///< it waits for a worker
    running,    ///< a worker has it
    completed,  ///< it has a result
    failed,     ///< its last attempt has failed: it is a dead letter
};

/// The word for it, such as "delayed".
[[nodiscard]] std::string_view to_string(background_state state) noexcept;

/// What a server says of a background job, at one moment. What it does not know, or what does not apply, is 0, empty or nothing.
struct background_status {
    background_state state = background_state::unknown;
    /// For people: "no worker offers img.resize", "behind 12 others", "not due for 58 s", "tried 2 of 5 times, next in 4 s".
    std::string why{};

    std::uint64_t done = 0;                  ///< what the handler has said of its progress: `done` of `total`
    std::uint64_t total = 0;                 ///< 0: nothing
    unsigned attempt = 0;                    ///< the attempt that runs, or was the last, from 1; 0 when none has begun
    unsigned attempts = 0;                   ///< how many there may be
    unsigned losses = 0;                     ///< how many workers were lost over it; those do not count as attempts
    std::optional<std::uint64_t> ahead{};    ///< of a queued job: how many of its task are before it
    std::optional<std::uint64_t> workers{};  ///< how many offer the task
    std::string worker{};                    ///< which one runs it, or ran it last
    std::string reason{};                    ///< of a dead letter: how its last attempt ended

    std::optional<std::chrono::system_clock::time_point> run_at{};  ///< of a delayed job: when its time comes
    std::optional<std::chrono::system_clock::time_point> ended{};   ///< when it completed, or became a dead letter
    std::optional<std::chrono::system_clock::time_point>
        expires{};                                ///< of a completed job: how long its result is kept
    std::optional<std::uint64_t> result_bytes{};  ///< of a completed job

    std::string handle{};    ///< the server's name for the job
    std::string function{};  ///< the task's name
    std::string unique{};    ///< its unique key

    /// Whether nothing will happen to it any more, unless somebody retries it.
    [[nodiscard]] bool has_ended() const noexcept {
        return state == background_state::completed || state == background_state::failed;
    }
};

/// What one server promises for background jobs.
struct background_support {
    std::string server;  ///< its address
    /// Whether it takes delays, attempts and keep, and gives status and results: it is Sheaf's own.
    bool terms = false;
    /// "full": an acknowledged job survives any crash; "relaxed": it will be on the disk in a moment; "none": jobs are in memory.
    /// Empty when it does not say: stock gearmand.
    std::string durability{};
    std::string problem{};  ///< why nothing is known, if so: it could not be reached
};

}  // namespace sheaf
