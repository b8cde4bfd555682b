// The real sheafd, started for one test on a port that the system chooses.
#pragma once

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "sheaf/runtime/endpoint.hpp"
#include "support/process.hpp"

namespace sheaf::test {

class sheafd_process {
  public:
    /// Starts it with `arguments` in addition to a free port of 127.0.0.1, and with `environment` in addition to the test's own;
    /// waits until it accepts connections.
    explicit sheafd_process(std::vector<std::string> arguments = {}, std::vector<std::string> environment = {})
        : child_(command{command_line(std::move(arguments)), std::move(environment)}), endpoints_(read_ready_line()) {}

    [[nodiscard]] process& child() noexcept { return child_; }
    [[nodiscard]] pid_t child_pid() const noexcept { return child_.pid(); }
    /// The first address, which is TCP unless the arguments say otherwise.
    [[nodiscard]] const endpoint& where() const noexcept { return endpoints_.front(); }
    [[nodiscard]] const std::vector<endpoint>& endpoints() const noexcept { return endpoints_; }
    /// The first address at which it speaks HTTP, if it was started with --protocol http.
    [[nodiscard]] const endpoint& http() const { return http_endpoints_.at(0); }
    [[nodiscard]] std::string port() const { return std::to_string(where().port); }

    /// Its memory that is not swapped out, in KiB.
    [[nodiscard]] long resident_kib() const {
        std::ifstream status("/proc/" + std::to_string(child_.pid()) + "/status");
        for (std::string word; status >> word;) {
            if (word != "VmRSS:") continue;
            long kib = 0;
            status >> kib;
            return kib;
        }
        throw peer_failure("sheafd is gone; it said: " + child_.error_output());
    }

  private:
    static std::vector<std::string> command_line(std::vector<std::string> arguments) {
        const std::vector<std::string> start{program("sheafd"), "--port", "0"};
        arguments.insert(arguments.begin(), start.begin(), start.end());
        return arguments;
    }
    std::vector<endpoint> read_ready_line() {
        constexpr std::string_view start = "sheafd ready on ";
        const std::string line = child_.read_line().value_or("");
        if (!line.starts_with(start))
            throw peer_failure("not a ready line: \"" + line + "\"; " + child_.error_output());
        constexpr std::string_view by_http = ", by HTTP on ";
        const std::size_t end = line.find(by_http);
        if (end != std::string::npos) http_endpoints_ = parse(line.substr(end + by_http.size()));
        return parse(line.substr(start.size(), end - start.size()));
    }
    static std::vector<endpoint> parse(const std::string& text) {
        auto parsed = parse_endpoints(text);
        if (!parsed) throw peer_failure(parsed.error().message);
        return std::move(*parsed);
    }

    process child_;
    std::vector<endpoint> http_endpoints_;
    std::vector<endpoint> endpoints_;
};

}  // namespace sheaf::test
