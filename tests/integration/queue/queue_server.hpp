// A sheafd with a data directory that is killed and started again, at an address that stays the same.
#pragma once

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/eventually.hpp"
#include "support/history.hpp"
#include "support/raw_peer.hpp"
#include "support/scratch_directory.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {

class queue_server {
  public:
    explicit queue_server(std::vector<std::string> arguments = {}, std::vector<std::string> environment = {})
        : arguments_(std::move(arguments)), environment_(std::move(environment)) {
        const std::vector<std::string> own{"--data-dir", data().string(), "--listen", address(), "--verbose", "ERROR"};
        arguments_.insert(arguments_.begin(), own.begin(), own.end());
    }

    /// Returns when it takes connections.
    void start() { running_ = std::make_unique<sheafd_process>(arguments_, environment_); }
    /// As a power cut would.
    void kill() {
        running_->child().send_signal(SIGKILL);
        running_->child().wait();
    }
    [[nodiscard]] sheafd_process& running() { return *running_; }
    [[nodiscard]] const sheafd_process& running() const { return *running_; }
    [[nodiscard]] endpoint where() const { return {{}, 0, (place_ / "socket").string()}; }
    [[nodiscard]] std::filesystem::path data() const { return place_ / "data"; }
    /// Where recorders write: outside of what is broken.
    [[nodiscard]] std::filesystem::path notes() const {
        std::filesystem::create_directories(place_ / "notes");
        return place_ / "notes";
    }
    [[nodiscard]] history seen() const { return read_history(notes()); }

    /// How many jobs of `function` are queued or run.
    [[nodiscard]] std::size_t queued(const std::string& function = "work") const {
        raw_peer admin(where());
        admin.send("status\n");
        for (const std::string& line : admin.receive_list()) {
            if (line.starts_with(function + "\t")) return std::stoul(line.substr(function.size() + 1));
        }
        return 0;
    }
    /// False when it does not in time.
    [[nodiscard]] bool runs_empty(std::chrono::milliseconds limit = patience) const {
        return eventually([this] { return queued() == 0; }, limit);
    }

  private:
    [[nodiscard]] std::string address() const { return "unix:" + (place_ / "socket").string(); }

    scratch_directory place_;
    std::vector<std::string> arguments_;
    std::vector<std::string> environment_;
    std::unique_ptr<sheafd_process> running_;
};

/// Whether the suites run in their long form.
inline bool tests_are_long() { return std::getenv("SHEAF_LONG_TESTS") != nullptr; }

}  // namespace sheaf::test
