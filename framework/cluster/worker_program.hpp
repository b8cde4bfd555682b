// What a program's main has declared for its workers.
#pragma once

#include <string>
#include <vector>

#include "cluster/worker_setup.hpp"
#include <sheaf/detail/binding.hpp>

namespace sheaf::detail {

struct worker_program {
    std::string name;  ///< for messages
    std::vector<binding> tasks;
    worker_setup setup;
};

}  // namespace sheaf::detail
