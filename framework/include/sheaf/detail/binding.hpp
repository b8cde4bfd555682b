// A task with its handler, as the worker runs it: bytes in, bytes out. Not for users.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <sheaf/codec.hpp>
#include <sheaf/context.hpp>
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
};

/// One bound task.
struct binding {
    std::string name;
    std::string schema;             ///< as text; empty for raw functions
    std::uint64_t fingerprint = 0;
    bool enveloped = true;          ///< false: raw bytes for any Gearman peer
    /// Decodes `arguments`, runs the handler, encodes its result. Failures, typed ones too, are values; never throws.
    std::function<result<std::string>(invocation&, std::string_view arguments)> run;
};

}  // namespace sheaf::detail
