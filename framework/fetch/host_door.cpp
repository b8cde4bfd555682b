#include "fetch/host_door.hpp"

#include <cstdlib>
#include <string_view>
#include <utility>

#include "fetch/credentials.hpp"
#include "fetch/fetch_failure.hpp"

namespace sheaf::fetch {
namespace {

constexpr const char* variable_name = "SHEAF_EXCHANGE";  // "http://127.0.0.1:port key"; private, may change

exchange_server_options on_loopback(host_exchange& host, const std::string& key) {
    exchange_server_options how{.listen = {.host = "127.0.0.1", .port = 0, .path = {}}, .name = {}};
    how.duties.key = key;
    how.duties.admit = [&host](const std::string& run, const std::string& secret, const std::string& driver) {
        return host.admit(run, secret, driver);
    };
    return how;
}

}  // namespace

host_door::host_door(std::vector<endpoint> servers) : host_(std::move(servers)), key_(make_secret()) {
    try {
        server_ = std::make_unique<exchange_server>(nothing_, on_loopback(host_, key_));
    } catch (const runtime_failure&) {
        server_ = nullptr;
    }
}

std::vector<std::string> host_door::variables() const {
    if (!server_) return {};
    return {std::string(variable_name) + "=" + server_->origin() + " " + key_};
}

door_address take_door_address() {
    const char* const value = std::getenv(variable_name);
    if (value == nullptr) return {};
    const std::string_view text = value;
    const auto blank = text.find(' ');
    door_address found;
    if (blank != std::string_view::npos)
        found = {std::string(text.substr(0, blank)), std::string(text.substr(blank + 1))};
    ::unsetenv(variable_name);
    return found;
}

run_place ask_at_door(http_client& by, const door_address& door, const std::string& run, const std::string& secret,
                      const std::string& driver) {
    const auto where = parse_url(door.origin + "/" + run);
    if (!where) throw fetch_failure(fetch_failure::kind::permanent, where.error().message);
    const header_list headers{{"Authorization", bearer(door.key)},
                              {std::string(run_secret_header), secret},
                              {std::string(run_driver_header), driver}};
    const http_answer answer = by.ask("PUT", *where, headers, {});
    if (answer.status != 201 || answer.run_directory.empty() || answer.run_address.empty()) {
        throw fetch_failure(fetch_failure::kind::permanent, "the supervisor gives no directory for the run (status " +
                                                                std::to_string(answer.status) + ")");
    }
    return {answer.run_directory, answer.run_address};
}

}  // namespace sheaf::fetch
