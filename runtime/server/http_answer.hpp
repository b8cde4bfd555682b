// The head of an answer by HTTP.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sheaf::server {

struct http_answer {
    unsigned status = 200;
    std::string_view handle{};   ///< X-Gearman-Job-Handle; empty: none
    std::string_view command{};  ///< X-Gearman-Command, the packet that it is made of; empty: none
    /// Of the body. Empty: it comes in chunks.
    std::optional<std::uint64_t> length{};
    bool keep_alive = false;
    bool is_text = false;  ///< a sentence of ours for a person; else a worker's bytes
};

/// All of it, with the empty line.
[[nodiscard]] std::string head_of(const http_answer& answer, std::chrono::system_clock::time_point now);

/// A chunk's line before `size` bytes.
[[nodiscard]] std::string chunk_line(std::size_t size);

}  // namespace sheaf::server
