// Absent jobs that somebody asks for.
#pragma once

#include <optional>
#include <string_view>

#include "broker/world.hpp"

namespace sheaf::broker {

/// The job that a submission with these words coalesces with, if only the store knows what it is; it may be hollow by now.
[[nodiscard]] std::optional<job_id> find_absent_same(const world& w, slot function, std::string_view unique,
                                                     std::string_view payload);
/// The same, of any function.
[[nodiscard]] std::optional<job_id> find_absent_unique(const world& w, std::string_view unique);

/// What is known of an absent job.
[[nodiscard]] job hollow_job(const world& w, job_id job);
/// A job that is here or absent. If it is absent, it is here from now on, hollow, so that clients may wait for it.
slot summon(world& w, job_id job);
/// Ends an absent job.
void drop_absent(world& w, job_id job);

}  // namespace sheaf::broker
