// What the broker knows of a job, as JSON for people and programs.
#pragma once

#include <string>
#include <string_view>

#include "broker/world.hpp"

namespace sheaf::broker {

/// All of it, with a sentence that says what the job waits for.
[[nodiscard]] std::string describe(const world& w, slot j);
/// The same of an absent job; `unique` is its key, if that is known.
[[nodiscard]] std::string describe_absent(const world& w, job_id job, std::string_view unique);
/// Of a job that nobody knows, and the sentence for that.
inline constexpr std::string_view unknown_job_text = "No job has this handle or unique key, or it ended too long ago";
[[nodiscard]] std::string describe_unknown();
/// What a job was that is about to be cancelled.
[[nodiscard]] std::string describe_cancelled(const world& w, slot j);
[[nodiscard]] std::string describe_cancelled_absent(const world& w, job_id job);

/// The name of a priority.
[[nodiscard]] std::string_view name_of(protocol::priority which) noexcept;

}  // namespace sheaf::broker
