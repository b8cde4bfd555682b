// What the broker knows of a job, as JSON for people and programs.
#pragma once

#include <string>

#include "broker/world.hpp"

namespace sheaf::broker {

/// All of it, with a sentence that says what the job waits for.
[[nodiscard]] std::string describe(const world& w, slot j);
/// Of a job that nobody knows.
[[nodiscard]] std::string describe_unknown();
/// What a job was that is about to be cancelled.
[[nodiscard]] std::string describe_cancelled(const world& w, slot j);

/// The name of a priority.
[[nodiscard]] std::string_view name_of(protocol::priority which) noexcept;

}  // namespace sheaf::broker
