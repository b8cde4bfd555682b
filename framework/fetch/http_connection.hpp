// A client's connection to an HTTP/1.1 server: one question and its answer after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fetch/transport.hpp"
#include "fetch/url.hpp"

namespace sheaf::fetch {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// The first line and the headers of an answer, as far as anybody here wants them. Empty: not given.
struct http_answer {
    unsigned status = 0;
    std::optional<std::uint64_t> length;  ///< of the body
    std::string content_range;
    std::string entity_tag;
    std::string last_modified;
    std::string location;
    std::string run_directory;  ///< of our own servers, as the next two: see host_duties
    std::string run_address;
    std::string problem;
};

/// One thread at a time. All errors are fetch_failure; after one, nothing more can be asked.
class http_connection {
  public:
    /// Connects.
    http_connection(const url& to, const transport_terms& terms);
    ~http_connection();
    http_connection(const http_connection&) = delete;
    http_connection& operator=(const http_connection&) = delete;

    /// Sends a request without a body, and reads the head of its answer. The answer before it must have been read to its end.
    [[nodiscard]] http_answer ask(std::string_view method, const url& what, const header_list& headers,
                                  const transport_terms& terms);
    /// Reads what there is of the answer's body. 0: it has ended.
    [[nodiscard]] std::size_t read_body(std::span<char> into, const transport_terms& terms);
    /// Whether read_body() has come to the end, and the server will hear more.
    [[nodiscard]] bool may_ask_again() const;

  private:
    struct decoder;

    std::size_t fill(const transport_terms& terms);
    [[nodiscard]] std::size_t read_raw(std::span<char> into, const transport_terms& terms);
    [[nodiscard]] std::size_t read_chunked(std::span<char> into, const transport_terms& terms);

    std::unique_ptr<transport> over_;
    std::unique_ptr<decoder> decoder_;
    std::string arrived_;                ///< bytes that nobody has taken yet
    std::optional<std::uint64_t> left_;  ///< of the body; none: up to its last chunk, or the connection's end
    bool chunked_ = false;
    bool ended_ = true;
    bool keep_alive_ = false;
};

}  // namespace sheaf::fetch
