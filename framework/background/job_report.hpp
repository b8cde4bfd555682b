// What Sheaf's server says of jobs, read from its JSON. The text may be anything.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/background_status.hpp>
#include <sheaf/runtime/error.hpp>

namespace sheaf::detail {

/// The answer of sheaf.job. Members that are missing, unknown or of another kind are as if they were not there.
[[nodiscard]] basic_result<background_status> read_status(std::string_view json);
/// Whether that is of a job that the server knows.
[[nodiscard]] bool knows_job(std::string_view json);

/// What sheaf.cancel says: what the job was.
[[nodiscard]] basic_result<background_state> read_cancelled(std::string_view json);

/// The number of jobs in the answer to sheaf.dead's retry and purge.
[[nodiscard]] basic_result<std::uint64_t> read_job_count(std::string_view json);

/// How many letters a retry of all has left as they were.
[[nodiscard]] basic_result<std::uint64_t> read_skipped_count(std::string_view json);

/// "durability" of sheaf.queue.
[[nodiscard]] basic_result<std::string> read_durability(std::string_view json);

/// Which queue a server has, the largest packet that it takes, and its clock's time, of sheaf.queue.
struct queue_name {
    std::string name;
    std::string durability{};
    std::uint64_t packet_bytes_max = 0;
    std::optional<std::chrono::system_clock::time_point> now{};
};
[[nodiscard]] basic_result<queue_name> read_queue_name(std::string_view json);

/// A background job that will not be tried again by itself.
struct dead_letter {
    std::string handle;
    std::string function;
    std::string unique{};
    std::string reason{};  ///< a sentence of the server's
    std::string worker{};  ///< the last that had it
    unsigned attempts = 0;
    unsigned losses = 0;
    std::optional<std::chrono::system_clock::time_point> died{};
    /// These three only where one letter was asked for.
    std::string payload{};
    std::string log{};        ///< the end of its warnings
    std::string exception{};  ///< what its worker sent
};
struct dead_list {
    std::vector<dead_letter> letters;
    std::uint64_t total = 0;  ///< there may be more than were listed
};
/// The answer to sheaf.dead's list.
[[nodiscard]] basic_result<dead_list> read_dead_list(std::string_view json);
/// The answer to sheaf.dead's show.
[[nodiscard]] basic_result<dead_letter> read_dead_letter(std::string_view json);

}  // namespace sheaf::detail
