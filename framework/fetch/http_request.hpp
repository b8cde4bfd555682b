// The requests of an exchange server's peers, as they come out of a stream of bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sheaf::fetch {

/// What a request's first line and headers may take together.
inline constexpr std::size_t request_head_bytes_max = 16 * 1024;

struct http_request {
    enum class method { get, head, put, remove, other };

    method what = method::other;
    std::string target{};
    std::string authorization{};  ///< the values of headers; empty when they are not there
    std::string range{};
    std::string run_secret{};  ///< of PUT: what later requests for the run have to show
    std::string run_driver{};  ///< of PUT: the address of the driver's exchange server, if there is one
    bool keep_alive = true;
};

/// The header of PUT that has the run's secret, and the one that has its driver's address.
inline constexpr std::string_view run_secret_header = "Sheaf-Run-Secret";
inline constexpr std::string_view run_driver_header = "Sheaf-Run-Driver";

/// Reads one request after the other. Pure: bytes go in by feed(). Requests have no bodies: one that announces a body is
/// refused. Holds request_head_bytes_max bytes at most.
class request_reader {
  public:
    enum class state {
        reading,   ///< the request is not complete
        complete,  ///< request() may be taken
        refused,   ///< status() says why; nothing more is read
    };

    request_reader();
    ~request_reader();
    request_reader(const request_reader&) = delete;
    request_reader& operator=(const request_reader&) = delete;

    /// Takes bytes up to the request's end, and returns how many; those after it belong to the next one.
    std::size_t feed(std::string_view bytes);
    [[nodiscard]] state now() const noexcept { return state_; }
    /// Whether a part of a request has come.
    [[nodiscard]] bool has_begun() const noexcept;
    /// The complete request. The reader is ready for the next one.
    [[nodiscard]] http_request take();
    /// Of what is refused: the status of the answer.
    [[nodiscard]] unsigned status() const noexcept { return status_; }

  private:
    struct parser;

    void refuse(unsigned status);

    std::unique_ptr<parser> parser_;
    std::string pending_;  ///< the beginning of a request
    state state_ = state::reading;
    unsigned status_ = 0;
};

}  // namespace sheaf::fetch
