#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/standard_descriptors.hpp"
#include "cluster/driver_process.hpp"
#include "cluster/inproc_host.hpp"
#include "cluster/role.hpp"
#include "cluster/standard_output.hpp"
#include "cluster/worker_process.hpp"
#include <sheaf/app.hpp>
#include <sheaf/detail/control_order.hpp>

namespace sheaf {
namespace {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

/// What is wrong with binding `second` after `first`, which has the same name.
std::string describe_double(const detail::binding& first, const detail::binding& second) {
    const auto types = [](const detail::binding& one) { return one.schema.empty() ? std::string("raw") : one.schema; };
    const std::string what = "the task \"" + first.name + "\" is bound twice";
    if (first.schema == second.schema) return what + ": bind it once";
    return what + ", as " + types(first) + " and as " + types(second) + ": give one of them another name";
}

// The exit code of a driver that ended with `code`. Who prints results into a full disk has not succeeded.
int with_output_written(const std::string& name, int code) {
    const auto fault = detail::flush_standard_output();
    if (!fault) return code;
    std::fprintf(stderr, "%s: %s\n", name.c_str(), fault->c_str());
    return code == 0 ? exit_failure : code;
}

}  // namespace

struct app::state : detail::worker_program {};

app::app(std::string name)
    : state_(std::make_unique<state>(state{{.name = std::move(name), .tasks = {}, .setup = {}}})) {}
app::~app() = default;
app::app(app&&) noexcept = default;
app& app::operator=(app&&) noexcept = default;

app& app::bind_raw(std::string function, std::function<std::string(std::string_view)> handler) {
    if (function.empty() || !handler) throw std::logic_error("bind_raw needs the name of a function, and a handler");
    const auto run = [handler = std::move(handler)](detail::invocation&,
                                                    std::string_view bytes) -> result<std::string> {
        try {
            return handler(bytes);
        } catch (...) {
            return detail::capture_exception(std::current_exception(), throws<>{});
        }
    };
    add({.name = std::move(function), .schema = {}, .fingerprint = 0, .form = detail::wire_form::raw, .run = run});
    return *this;
}

void app::add(detail::binding what) {
    if (what.name.starts_with(detail::control_prefix)) {
        throw std::logic_error("the task \"" + what.name +
                               "\" has a name that Sheaf keeps for itself: names that begin with " +
                               std::string(detail::control_prefix) + " are those of orders to workers");
    }
    const auto same_name = [&](const detail::binding& other) { return other.name == what.name; };
    const auto other = std::ranges::find_if(state_->tasks, same_name);
    if (other != state_->tasks.end()) throw std::logic_error(describe_double(*other, what));
    state_->tasks.push_back(std::move(what));
}

cluster app::inproc(std::size_t workers) const {
    auto host = std::make_shared<detail::inproc_host>(*state_, workers);
    auto engine = std::make_shared<detail::call_engine>(std::vector{host->server()});
    return {std::move(engine), std::move(host), workers};
}

app& app::every(std::chrono::milliseconds period, std::function<void()> work) {
    if (period.count() <= 0 || !work) throw std::logic_error("app::every needs a period above 0, and something to do");
    state_->setup.periodic.push_back({period, std::move(work)});
    return *this;
}

app& app::on_worker_start(std::function<void()> hook) {
    state_->setup.on_start.push_back(std::move(hook));
    return *this;
}

app& app::on_worker_stop(std::function<void()> hook) {
    state_->setup.on_stop.push_back(std::move(hook));
    return *this;
}

void app::add_slot_state(const void* key, std::function<std::shared_ptr<void>()> make) {
    const auto same = [&](const detail::slot_state_factory& other) { return other.key == key; };
    if (std::ranges::any_of(state_->setup.states, same)) {
        throw std::logic_error("app::slot_state is declared twice for one type");
    }
    state_->setup.states.push_back({key, std::move(make)});
}

int app::run(int argc, char** argv, const driver& main) {
    open_closed_standard_descriptors();
    const std::string& name = state_->name;
    const auto as = detail::take_role();
    if (!as) {
        std::fprintf(stderr, "%s: %s\n", name.c_str(), as.error().message.c_str());
        return exit_usage;
    }
    try {
        if (as->worker) return detail::serve_tasks(*state_, *as);
        return with_output_written(name,
                                   detail::drive(*state_, std::vector<std::string>(argv, argv + argc), *as, main));
    } catch (const std::exception& why) {
        std::fprintf(stderr, "%s: %s\n", name.c_str(), why.what());
        return exit_failure;
    }
}

}  // namespace sheaf
