// How exceptions become failures on the worker, and exceptions again at the caller. Not for users.
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <typeinfo>
#include <utility>

#include <sheaf/failure.hpp>
#include <sheaf/task.hpp>

namespace sheaf::detail {

/// What is known of an exception that the task does not declare: its text and the exceptions nested in it. would_deadlock
/// is passed on as it is: it concerns whoever made the outermost of the calls.
[[nodiscard]] failure describe_exception(const std::exception_ptr& thrown);

/// Fills in `why` if `thrown` is an E, or just that when `exactly`.
template <class E, class Codec>
bool capture_one(const std::exception_ptr& thrown, bool exactly, int index, failure& why) {
    try {
        std::rethrow_exception(thrown);
    } catch (const E& error) {
        if (exactly && typeid(error) != typeid(E)) return false;
        why.typed_index = index;
        why.typed_name = Codec::template error_name<E>;
        if constexpr (Codec::template has_fields<E>) why.typed_fields = Codec::write_error(error);
        return true;
    } catch (...) {
        return false;
    }
}

/// The failure that stands for `thrown`, which one of E... may be.
template <class Codec = binary_codec, class... E>
failure capture_exception(const std::exception_ptr& thrown, throws<E...> /*declared*/) {
    failure why = describe_exception(thrown);
    // The class itself goes before a base of it, whatever the order in throws<...>.
    for ([[maybe_unused]] const bool exactly : {true, false}) {
        [[maybe_unused]] int index = 0;
        if ((... || capture_one<E, Codec>(thrown, exactly, index++, why))) break;
    }
    return why;
}

/// The E that `why` stands for. Throws remote_error when its fields cannot be read.
template <class E, class Codec>
E read_typed(const failure& why) {
    E error{why.message};
    if constexpr (Codec::template has_fields<E>) {
        try {
            Codec::read_error(why.typed_fields, error);
        } catch (const std::exception& unreadable) {
            failure as_text = why;
            as_text.message += " (its fields cannot be read: " + std::string(unreadable.what()) + ")";
            throw remote_error(std::move(as_text));
        }
    }
    return error;
}

template <class E, class Codec>
[[noreturn]] void throw_typed(const failure& why) {
    throw read_typed<E, Codec>(why);
}

/// Throws what the handler threw if the task declares it, else what throw_failure throws.
template <class Codec = binary_codec, class... E>
[[noreturn]] void throw_as_declared(failure why, throws<E...> /*declared*/) {
    [[maybe_unused]] int index = 0;
    (void)(... || (index++ == why.typed_index ? (throw_typed<E, Codec>(why), true) : false));
    throw_failure(std::move(why));
}

}  // namespace sheaf::detail
