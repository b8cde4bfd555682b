// Which of a program's tasks a worker process offers. Pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "sheaf/runtime/error.hpp"
#include <sheaf/detail/binding.hpp>

namespace sheaf::detail {

/// Whether `task` is among those that `only` means: shell patterns with commas between, such as "img.*,log.parse". One with a
/// '!' in front takes away; when all do, everything else is meant. Empty: all.
[[nodiscard]] bool is_meant(std::string_view only, std::string_view task);

/// Where a process is among those that serve the same tasks.
struct process_place {
    std::size_t index = 0;
    std::size_t slots = 1;  ///< of each process
};

/// The bindings that a process at `place` offers: those that `only` means and, of tasks with a limit, those whose limit
/// reaches up to it; there the binding's limit is what this process may run of it. Fails when there is none.
[[nodiscard]] basic_result<std::vector<binding>> offered_tasks(const std::vector<binding>& bound, std::string_view only,
                                                               process_place place);

}  // namespace sheaf::detail
