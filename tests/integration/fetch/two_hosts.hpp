// Two hosts on one machine: network and files of their own each, and a cable between them.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "support/process.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {

/// What a program left behind.
struct ended_program {
    int code = -1;
    std::string out;
    std::string err;
};

/// A process that does nothing in namespaces of its own, which live as long as it does.
class namespace_holder {
  public:
    /// `enter`: what starts programs in the namespaces in which the new ones are to be made.
    namespace_holder(std::vector<std::string> enter, const std::vector<std::string>& made)
        : child_(joined(std::move(enter), made)) {
        if (child_.read_line() != "here")
            throw peer_failure("there are no namespaces to be had: " + child_.error_output());
    }

    [[nodiscard]] pid_t pid() const noexcept { return child_.pid(); }

  private:
    static std::vector<std::string> joined(std::vector<std::string> all, const std::vector<std::string>& more) {
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    process child_;
};

/// Root makes the namespaces as it is; others in a user namespace of their own, in which they are root. Both hosts see this
/// machine's files, but each has its own `place()`: the first one the test's, the second one an empty one.
class two_hosts {
  public:
    static constexpr const char* first_address = "10.77.0.1";
    static constexpr const char* second_address = "10.77.0.2";

    two_hosts()
        : first_({}, unshared(::geteuid() == 0 ? "-nm" : "-Urnm")), second_(enter(first_.pid()), unshared("-nm")) {
        on_first({"mount", "--make-rprivate", "/"});
        on_second({"mount", "--make-rprivate", "/"});
        on_second({"mount", "-t", "tmpfs", "tmpfs", place().string()});
        on_first({"ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns",
                  std::to_string(second_.pid())});
        set_up(first_.pid(), first_address);
        set_up(second_.pid(), second_address);
        for (const pid_t host : {first_.pid(), second_.pid()}) run(host, {"mkdir", "-p", temporary()});
    }

    [[nodiscard]] const std::filesystem::path& place() const noexcept { return place_.path(); }
    [[nodiscard]] std::string temporary() const { return place() / "tmp"; }

    void on_first(const std::vector<std::string>& arguments) const { run(first_.pid(), arguments); }
    void on_second(const std::vector<std::string>& arguments) const { run(second_.pid(), arguments); }

    /// A command line that runs there.
    [[nodiscard]] command first(const std::vector<std::string>& arguments) const {
        return there(first_.pid(), arguments);
    }
    [[nodiscard]] command second(const std::vector<std::string>& arguments) const {
        return there(second_.pid(), arguments);
    }
    /// Where the second host's files are, for this process.
    [[nodiscard]] std::filesystem::path of_second(const std::filesystem::path& path) const {
        return "/proc/" + std::to_string(second_.pid()) + "/root" + path.string();
    }

  private:
    static std::vector<std::string> unshared(const char* what) {
        return {"unshare", what, "sh", "-c", "echo here; exec sleep 600"};
    }
    static std::vector<std::string> enter(pid_t host) {
        std::vector<std::string> arguments{"nsenter", "-t", std::to_string(host), "-n", "-m"};
        if (::geteuid() != 0) arguments.insert(arguments.end(), {"-U", "--preserve-credentials"});
        return arguments;
    }
    [[nodiscard]] command there(pid_t host, const std::vector<std::string>& arguments) const {
        std::vector<std::string> all = enter(host);
        all.insert(all.end(), arguments.begin(), arguments.end());
        return {std::move(all), {"SHEAF_TMPDIR=" + temporary(), "SHEAF_SERVER=", "SHEAF_EXCHANGE_ADDRESS="}};
    }
    void run(pid_t host, const std::vector<std::string>& arguments) const {
        process child(there(host, arguments));
        if (child.wait() != 0) throw peer_failure(arguments.front() + " failed: " + child.error_output());
    }
    void set_up(pid_t host, const std::string& address) const {
        run(host, {"ip", "link", "set", "lo", "up"});
        run(host, {"ip", "address", "add", address + "/24", "dev", "cable"});
        run(host, {"ip", "link", "set", "cable", "up"});
    }

    scratch_directory place_;
    namespace_holder first_;
    namespace_holder second_;
};

/// Runs it to its end.
inline ended_program run_to_end(command what, std::chrono::milliseconds limit = 3 * patience) {
    process child(std::move(what));
    ended_program ended;
    ended.out = child.read_all(limit);
    ended.code = child.wait(limit).value_or(-1);
    ended.err = child.error_output();
    return ended;
}

}  // namespace sheaf::test
