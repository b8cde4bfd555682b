// One example, run on a cluster of its own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/process.hpp"

namespace sheaf::test {

struct example_run {
    int status = -1;
    std::string output;
    std::string errors;
};

/// Starts build/bin/examples/NAME with `arguments` and two workers.
inline process start_example(const std::string& name, const std::vector<std::string>& arguments) {
    std::vector<std::string> line{program("examples/" + name)};
    line.insert(line.end(), arguments.begin(), arguments.end());
    return process(command{std::move(line), {"SHEAF_WORKERS=2"}});
}

/// Runs it to its end.
inline example_run run_example(const std::string& name, const std::vector<std::string>& arguments) {
    process child = start_example(name, arguments);
    std::string output = child.read_all();
    const int status = child.wait().value_or(-1);
    return {status, std::move(output), child.error_output()};
}

}  // namespace sheaf::test
