// Tasks whose results come piece by piece.
//
//     inline constexpr sheaf::task<"math.count", sheaf::stream<int>(int)> count{};
//
//     app.bind(count, [](sheaf::stream_writer<int>& out, int n) { for (int i = 0; i < n; ++i) out.write(i); });   // worker
//     for (int i : cluster.stream(count(10))) std::cout << i << '\n';                                            // client
#pragma once

#include <string>
#include <string_view>

#include <sheaf/codec.hpp>

namespace sheaf {

namespace detail {

class invocation;

/// Sends `encoded` to the caller of `of`. Waits while the caller is far behind.
void send_chunk(invocation& of, std::string_view encoded);

}  // namespace detail

/// As a task's result: any number of T, each of which the caller has as soon as the handler has written it. Read with
/// cluster::stream().
template <class T>
struct stream {
    using chunk_type = T;
};

/// Where a stream's handler writes what it has, as its first parameter after the context& (if it wants one); it then returns
/// void. The end of the handler is the end of the stream: what it throws is thrown at the caller, after all chunks.
template <class T>
class stream_writer {
  public:
    explicit stream_writer(detail::invocation& of) noexcept : of_(&of) {}

    /// Sends one chunk. Use it on one thread at a time. Waits while the connection is far behind.
    void write(const T& chunk) {
        buffer_.clear();
        encode_to(buffer_, chunk);
        detail::send_chunk(*of_, buffer_);
    }

  private:
    detail::invocation* of_;
    std::string buffer_;
};

namespace detail {

template <class R>
inline constexpr bool is_stream = false;
template <class T>
inline constexpr bool is_stream<stream<T>> = true;
template <class R>
concept stream_type = is_stream<R>;

}  // namespace detail
}  // namespace sheaf
