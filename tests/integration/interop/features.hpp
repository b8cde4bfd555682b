// What a client and a worker of two kinds are tried with, and what ought to come of it.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace sheaf::test::interop {

/// What was seen, a line for each event.
using outcome = std::vector<std::string>;

enum class feature {
    foreground,  ///< a job and its result
    background,  ///< a job that nobody waits for runs
    data,        ///< pieces of data before the result
    warning,     ///< a warning before the result
    exception,   ///< a job that ends with an exception
    failure,     ///< a job that fails
    status,      ///< statuses on the way
    job_status,  ///< the status of a job that runs in the background, by its handle
    priority,    ///< three jobs with priorities, submitted in the wrong order
    unique,      ///< two clients submit the same job: it runs once
    key,         ///< the worker is told the job's unique key
    large,       ///< a payload and a result of a mebibyte that are no text
};
inline constexpr std::array all_features{
    feature::foreground, feature::background, feature::data,     feature::warning, feature::exception, feature::failure,
    feature::status,     feature::job_status, feature::priority, feature::unique,  feature::key,       feature::large,
};

[[nodiscard]] std::string_view name_of(feature which);
/// What is seen when neither of the two lacks anything.
[[nodiscard]] outcome ideal(feature which);

}  // namespace sheaf::test::interop
