// A task with its handler, as the worker runs it: bytes in, bytes out. Not for users.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <sheaf/codec.hpp>
#include <sheaf/context.hpp>
#include <sheaf/detail/typed_errors.hpp>
#include <sheaf/detail/wire_form.hpp>
#include <sheaf/failure.hpp>
#include <sheaf/runtime/shared_bytes.hpp>
#include <sheaf/schema.hpp>
#include <sheaf/task.hpp>

namespace sheaf::detail {

/// What a handler needs of the call it runs; the worker host implements it.
class invocation {
  public:
    virtual ~invocation() = default;
    [[nodiscard]] virtual std::stop_token stop_token() const = 0;
    [[nodiscard]] virtual unsigned attempt() const = 0;
    [[nodiscard]] virtual std::string_view handle() const = 0;
    virtual void progress(std::uint64_t done, std::uint64_t total) = 0;
    virtual void warn(std::string_view text) = 0;
    /// Writes a line where the worker's own messages go.
    virtual void log(std::string_view line);
    /// Sends a piece of a stream's result, encoded. Waits while the caller's side is far behind in reading.
    virtual void send_chunk(std::string_view encoded) = 0;
    /// The handler's thread is about to wait for other calls: its slot may run something else meanwhile. Throws
    /// would_deadlock when too many wait already.
    virtual void lend_slot() = 0;
    /// It has waited.
    virtual void take_slot_back() noexcept = 0;
    /// How long the attempt may still take, if it has a limit.
    [[nodiscard]] virtual std::optional<std::chrono::milliseconds> time_left() const;
    /// The slot's object of the type that `key` stands for. Throws std::logic_error when the program has declared none.
    [[nodiscard]] virtual void* state(const void* key);
    /// A cluster on the worker's own servers. Throws std::logic_error when there is no worker around the handler.
    [[nodiscard]] virtual sheaf::cluster& own_cluster();
};

/// One bound task.
struct binding {
    std::string name;
    std::string schema;  ///< as text; empty for raw functions
    std::uint64_t fingerprint = 0;
    wire_form form = wire_form::enveloped;
    /// How many of its handlers may run at once in a group of workers; 0: as many as there are slots.
    std::size_t slots_max = 0;
    /// Decodes `arguments`, runs the handler, encodes its result. Failures, typed ones too, are values; never throws.
    std::function<result<std::string>(invocation&, std::string_view arguments)> run;
};

/// The failure for arguments that do not decode, although their fingerprint was right.
[[nodiscard]] failure bad_arguments(const char* why);

/// Calls the handler of a stream, with a context if it takes one. It sends its chunks by itself.
template <class Task, class Handler>
void invoke_stream(Handler& handler, invocation& in, typename Task::arguments_type&& arguments) {
    using result_type = typename Task::result_type;
    context seen(in);
    stream_writer<typename result_type::chunk_type> out(in);
    const auto call = [&](auto&... one) {
        if constexpr (handles_with_context<Handler, result_type, typename Task::arguments_type>) {
            handler(seen, out, std::move(one)...);
        } else {
            handler(out, std::move(one)...);
        }
    };
    std::apply(call, arguments);
}

/// Calls the handler, with a context if it takes one, and encodes what it returns.
template <class Task, class Handler>
std::string invoke_and_encode(Handler& handler, invocation& in, typename Task::arguments_type&& arguments) {
    using result_type = typename Task::result_type;
    context seen(in);
    const auto call = [&](auto&... one) -> result_type {
        if constexpr (handles_with_context<Handler, result_type, typename Task::arguments_type>) {
            return handler(seen, std::move(one)...);
        } else {
            return handler(std::move(one)...);
        }
    };
    if constexpr (std::is_void_v<result_type>) {
        std::apply(call, arguments);
        return Task::codec::write_no_result();
    } else {
        const result_type value = std::apply(call, arguments);
        return Task::codec::write_result(value);
    }
}

template <class Task, class Handler>
result<std::string> run_handler(Handler& handler, invocation& in, std::string_view bytes) {
    typename Task::arguments_type arguments;
    try {
        Task::codec::read_arguments(bytes, arguments);
    } catch (const std::exception& why) {
        return bad_arguments(why.what());
    }
    try {
        if constexpr (is_stream<typename Task::result_type>) {
            invoke_stream<Task>(handler, in, std::move(arguments));
            return std::string{};
        } else {
            return invoke_and_encode<Task>(handler, in, std::move(arguments));
        }
    } catch (...) {
        return capture_exception<typename Task::codec>(std::current_exception(), typename Task::errors{});
    }
}

/// `handler` serving Task. The handler may be called on several threads at once.
template <class Task, implements<Task> Handler>
binding make_binding(Handler handler) {
    const task_schema& described = schema<Task>();
    return {.name = std::string(Task::name()),
            .schema = described.text,
            .fingerprint = described.fingerprint,
            .form = Task::codec::form,
            // Shared, because a std::function must be copyable and a handler need not be.
            .run = [shared = std::make_shared<Handler>(std::move(handler))](invocation& in, std::string_view bytes) {
                return run_handler<Task>(*shared, in, bytes);
            }};
}

}  // namespace sheaf::detail
