// Several calls of one task in one job. Not for users.
//
// All numbers are little-endian.
//   request  count u32, then for each call: size u32, its encoded arguments
//   answer   execution time in us u32, count u32, then for each call: status u8, size u32, bytes
// The bytes of a result are the encoded result; of a failure, write_failure()'s; of a call that was not run, none.
// A request's count may be followed by fewer calls only in bytes that are refused; an answer has as many as its request.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <sheaf/failure.hpp>

namespace sheaf::detail {

struct binding;
class invocation;

/// No pack has more calls.
inline constexpr std::size_t pack_calls_max = 1024;

enum class pack_status : std::uint8_t {
    result,
    failure,
    not_run,  ///< given back: the pack had run for long enough, or its answer was full. The caller makes it singly.
};

/// The calls of a request, one after the other.
class pack_reader {
  public:
    /// Refuses, as malformed, what is not whole: then no call of it is run.
    [[nodiscard]] static result<pack_reader> open(std::string_view body);

    [[nodiscard]] std::uint32_t left() const noexcept { return left_; }
    /// The next call's arguments. There must be one left.
    std::string_view next() noexcept;

  private:
    std::string_view rest_;
    std::uint32_t left_ = 0;
};

/// Fills a request's body; the buffer keeps its memory when it is used again.
class pack_writer {
  public:
    /// Makes `body` that of a pack without calls.
    static void start(std::string& body);
    /// Where the next call's arguments are to be appended.
    [[nodiscard]] std::string& begin_call(std::string& body);
    void end_call(std::string& body);
    /// Takes back what was appended since begin_call().
    void abandon_call(std::string& body);
    /// Writes the count. The body is complete.
    static void finish(std::string& body, std::uint32_t calls);

  private:
    std::size_t call_begin_ = 0;
};

/// The ends of a pack's calls, in their order.
class pack_answer {
  public:
    struct entry {
        pack_status status = pack_status::not_run;
        std::string_view bytes;
    };
    /// Refuses, as malformed, what is not whole, and another number of calls than `calls`. `body` must outlive this.
    [[nodiscard]] static result<pack_answer> open(std::string_view body, std::uint32_t calls);

    /// How long the worker took for what it ran.
    [[nodiscard]] std::chrono::microseconds took() const noexcept { return took_; }
    [[nodiscard]] std::uint32_t left() const noexcept { return left_; }
    /// There must be one left.
    entry next() noexcept;

  private:
    std::string_view rest_;
    std::uint32_t left_ = 0;
    std::chrono::microseconds took_{0};
};

/// When a worker stops running a pack's calls, and gives back the rest.
struct pack_limits {
    std::chrono::milliseconds time{50};
    std::size_t answer_bytes = std::size_t{4} << 20;
};

/// Runs the calls in `body`, one after the other, and returns the answer's body. Between calls it looks at the limits and
/// at the stop token; what was not begun by then is not run. Failures say that `worker` reported them.
[[nodiscard]] result<std::string> run_pack(const binding& task, invocation& in, std::string_view body,
                                           std::string_view worker, const pack_limits& limits = {});

}  // namespace sheaf::detail
