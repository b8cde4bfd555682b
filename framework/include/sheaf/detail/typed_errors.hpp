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

/// What is known of an exception that the task does not declare: its text and the exceptions nested in it.
[[nodiscard]] failure describe_exception(const std::exception_ptr& thrown);

template <class E>
std::string encode_error_fields(const E& error) {
    std::string fields;
    if constexpr (has_fields_of_its_own<E>) {
        codec::output_archive archive(fields);
        archive.object(error);
    }
    return fields;
}

/// Fills in `why` if `thrown` is an E, or just that when `exactly`.
template <class E>
bool capture_one(const std::exception_ptr& thrown, bool exactly, int index, failure& why) {
    try {
        std::rethrow_exception(thrown);
    } catch (const E& error) {
        if (exactly && typeid(error) != typeid(E)) return false;
        why.typed_index = index;
        why.typed_fields = encode_error_fields(error);
        return true;
    } catch (...) {
        return false;
    }
}

/// The failure that stands for `thrown`, which one of E... may be.
template <class... E>
failure capture_exception(const std::exception_ptr& thrown, throws<E...> /*declared*/) {
    failure why = describe_exception(thrown);
    // The class itself goes before a base of it, whatever the order in throws<...>.
    for ([[maybe_unused]] const bool exactly : {true, false}) {
        [[maybe_unused]] int index = 0;
        if ((... || capture_one<E>(thrown, exactly, index++, why))) break;
    }
    return why;
}

/// The E that `why` stands for. Throws remote_error when its fields cannot be read.
template <class E>
E read_typed(const failure& why) {
    E error{why.message};
    if constexpr (has_fields_of_its_own<E>) {
        codec::input_archive archive(why.typed_fields);
        try {
            archive.object(error);
            archive.expect_end();
        } catch (const std::exception& unreadable) {
            failure as_text = why;
            as_text.message += " (its fields cannot be read: " + std::string(unreadable.what()) + ")";
            throw remote_error(std::move(as_text));
        }
    }
    return error;
}

template <class E>
[[noreturn]] void throw_typed(const failure& why) {
    throw read_typed<E>(why);
}

/// Throws what the handler threw if the task declares it, else what throw_failure throws.
template <class... E>
[[noreturn]] void throw_as_declared(failure why, throws<E...> /*declared*/) {
    [[maybe_unused]] int index = 0;
    (void)(... || (index++ == why.typed_index ? (throw_typed<E>(why), true) : false));
    throw_failure(std::move(why));
}

}  // namespace sheaf::detail
