#include <string>

#include <sheaf/cluster.hpp>
#include <sheaf/runtime/endpoint.hpp>

namespace sheaf {

cluster::cluster(std::shared_ptr<detail::call_engine> engine, std::shared_ptr<void> lifetime, std::size_t workers,
                 std::stop_token stop)
    : lifetime_(std::move(lifetime)), engine_(std::move(engine)), workers_(workers), stop_(std::move(stop)) {}

cluster cluster::connect(std::string_view servers) {
    auto endpoints = parse_endpoints(servers);
    if (!endpoints) {
        throw connection_error({.code = errc::connection_failed, .message = std::move(endpoints).error().message});
    }
    return {std::make_shared<detail::call_engine>(*std::move(endpoints)), nullptr, 0};
}

std::vector<server_report> cluster::server_status(std::chrono::milliseconds deadline) {
    return detail::ask_status(engine_->client(), deadline);
}

namespace detail {

failure bad_result(std::string_view task, const char* why) {
    return {.code = errc::malformed,
            .message = std::string("the result does not fit the task: ") + why,
            .task = std::string(task)};
}

}  // namespace detail
}  // namespace sheaf
