// A run's side data on its workers: fetched and decoded once in a process. Not for users.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>

#include <sheaf/codec.hpp>
#include <sheaf/detail/callable.hpp>
#include <sheaf/detail/job_shape.hpp>
#include <sheaf/detail/step_list.hpp>

namespace sheaf::detail {

/// The side data of the run in `directory`, as `decode` makes it of its bytes. A process has that of the last few runs. Throws
/// runtime_failure when it cannot be read, or is not what the driver wrote.
[[nodiscard]] std::shared_ptr<const void> cached_side_data(
    const std::string& directory, const side_reference& what, std::type_index type,
    const std::function<std::shared_ptr<const void>(std::string_view)>& decode);

/// What the functions of a job are given besides records; no_side when that is nothing.
template <class Steps, class Assignment>
auto side_of(const Assignment& what) {
    if constexpr (has_step<side_value, Steps>) {
        return [&]<class T>(types_of<T>) {
            return std::static_pointer_cast<const T>(cached_side_data(
                what.run_directory, what.side, typeid(T), [](std::string_view bytes) -> std::shared_ptr<const void> {
                    return std::make_shared<const T>(decode<T>(bytes));
                }));
        }(step_t<side_value, Steps>{});
    } else {
        static constexpr no_side none;
        return &none;
    }
}

}  // namespace sheaf::detail
