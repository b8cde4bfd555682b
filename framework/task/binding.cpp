#include <cstdio>
#include <stdexcept>

#include <sheaf/detail/binding.hpp>

namespace sheaf::detail {
namespace {

// Nested exceptions are followed this far: a cycle cannot be built, but a long chain can.
constexpr std::size_t causes_max = 16;

std::string text_of(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        return error.what();
    } catch (const std::string& text) {
        return text;
    } catch (const char* text) {
        return text == nullptr ? "" : text;
    } catch (...) {
        return "something that is not a std::exception was thrown";
    }
}

std::exception_ptr nested_in(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::nested_exception& outer) {
        return outer.nested_ptr();
    } catch (...) {
        return nullptr;
    }
}

// Failures of calls within a handler are its own affair, save this one.
std::optional<failure> failure_to_pass_on(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const would_deadlock& here) {
        return here.why();
    } catch (...) {
        return std::nullopt;
    }
}

}  // namespace

failure describe_exception(const std::exception_ptr& thrown) {
    if (auto passed_on = failure_to_pass_on(thrown)) return *std::move(passed_on);
    failure why{.code = errc::remote_exception, .message = text_of(thrown)};
    for (auto cause = nested_in(thrown); cause && why.causes.size() < causes_max; cause = nested_in(cause)) {
        why.causes.push_back(text_of(cause));
    }
    return why;
}

void invocation::log(std::string_view line) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

std::optional<std::chrono::milliseconds> invocation::time_left() const { return std::nullopt; }

void* invocation::state(const void* /*key*/) {
    throw std::logic_error(
        "context::state<T>(): this program has declared no state of that type; call app.slot_state<T>(...) before "
        "app.run()");
}

sheaf::cluster& invocation::own_cluster() {
    throw std::logic_error("context::cluster(): there is no worker around this handler whose servers it could use");
}

failure bad_arguments(const char* why) {
    return {.code = errc::malformed, .message = std::string("the arguments do not fit the task: ") + why};
}

}  // namespace sheaf::detail
