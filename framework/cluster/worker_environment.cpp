#include "cluster/worker_environment.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "base/parse_number.hpp"

namespace sheaf::detail {
namespace {

constexpr const char* only_variable = "SHEAF_ONLY";
constexpr const char* stop_grace_variable = "SHEAF_STOP_GRACE";
constexpr const char* threads_variable = "SHEAF_THREADS";
constexpr const char* place_variable = "SHEAF_WORKER_PLACE";  // "index:processes"; private, may change
constexpr std::array all_variables{only_variable, stop_grace_variable, threads_variable, place_variable};

constexpr double grace_max_s = 86400;
constexpr std::size_t threads_max = 1024;

error invalid(const char* name, const std::string& value, const std::string& wish) {
    return {errc::invalid_argument, std::string(name) + "='" + value + "': it has to be " + wish};
}

bool read_place(std::string_view text, worker_environment& into) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    const auto index = parse_number<std::size_t>(text.substr(0, colon));
    const auto processes = parse_number<std::size_t>(text.substr(colon + 1));
    if (!index || !processes || *processes == 0) return false;
    into.index = *index;
    into.processes = *processes;
    return true;
}

void set_variable(std::vector<std::string>& environment, const char* name, const std::string& value) {
    const std::string start = std::string(name) + "=";
    std::erase_if(environment, [&](const std::string& entry) { return entry.starts_with(start); });
    environment.push_back(start + value);
}

}  // namespace

basic_result<worker_environment> read_worker_environment(const environment_lookup& environment) {
    worker_environment result;
    result.only = environment(only_variable).value_or("");
    if (const auto text = environment(stop_grace_variable); text && !text->empty()) {
        const auto seconds = parse_number<double>(*text);
        if (!seconds || !(*seconds >= 0) || *seconds > grace_max_s) {
            return invalid(stop_grace_variable, *text, "a number of seconds from 0 to 86400, such as 2.5");
        }
        result.stop_grace = std::chrono::milliseconds(std::llround(*seconds * 1000));
    }
    if (const auto text = environment(threads_variable); text && !text->empty()) {
        const auto threads = parse_number<std::size_t>(*text);
        if (!threads || *threads == 0 || *threads > threads_max) {
            return invalid(threads_variable, *text, "a number from 1 to " + std::to_string(threads_max));
        }
        result.threads = *threads;
    }
    const auto place = environment(place_variable);
    if (place && !read_place(*place, result)) {
        return invalid(place_variable, *place, "what a supervisor sets; unset it");
    }
    return result;
}

basic_result<worker_environment> take_worker_environment() {
    auto result = read_worker_environment(process_environment);
    for (const char* name : all_variables) ::unsetenv(name);
    return result;
}

void set_worker_place(std::vector<std::string>& environment, std::size_t index, std::size_t processes,
                      const std::string& only) {
    set_variable(environment, place_variable, std::to_string(index) + ":" + std::to_string(processes));
    if (!only.empty()) set_variable(environment, only_variable, only);
}

}  // namespace sheaf::detail
