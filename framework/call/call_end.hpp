// What the end of a Gearman job means for the typed call that it was.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <sheaf/detail/call_engine.hpp>
#include <sheaf/failure.hpp>
#include <sheaf/runtime/client.hpp>

namespace sheaf::detail {

/// What is remembered of a call while it is out.
struct call_terms {
    std::string task;
    std::string_view schema;  ///< as the caller knows it; lives as long as the program
    wire_form form = wire_form::enveloped;
    bool pack = false;
    unsigned attempts = 1;               ///< how often it may be tried in all
    std::chrono::milliseconds deadline;  ///< as it was asked for
};

/// The result in `end`, or the failure that it stands for.
[[nodiscard]] raw_result read_end(runtime::job_end end, const call_terms& of);

/// Counts the attempts that `why` speaks of into `tried`, and says whether the call may be made once more.
[[nodiscard]] bool may_try_again(const failure& why, const call_terms& of, unsigned& tried);

}  // namespace sheaf::detail
