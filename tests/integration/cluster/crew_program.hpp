// `sheaf worker` with the program "crew", at our server or the stock one, and what tests of it share.
#pragma once

#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "integration/cluster/crew_tasks.hpp"
#include "integration/cluster/gearmand_process.hpp"
#include "integration/cluster/worker_program.hpp"
#include "support/scratch_directory.hpp"
#include "support/sheafd_process.hpp"
#include <sheaf/cluster.hpp>

namespace sheaf::test {

using namespace std::chrono_literals;

enum class brand { sheafd, gearmand };

class crew_fixture : public ::testing::TestWithParam<brand> {
  protected:
    crew_fixture() {
        if (GetParam() == brand::sheafd) {
            sheafd_ = std::make_unique<sheafd_process>();
        } else {
            gearmand_ = std::make_unique<gearmand_process>();
        }
        server = to_string(sheafd_ ? sheafd_->where() : gearmand_->where());
        calls = std::make_unique<cluster>(cluster::connect(server));
    }

    /// Starts `sheaf worker` with `options`, and returns when it is ready.
    void start(std::vector<std::string> options, std::vector<std::string> environment = {}) {
        std::vector<std::string> words{program("sheaf"), "worker", "--server", server, "--grace", "1"};
        words.insert(words.end(), options.begin(), options.end());
        words.push_back(program("tests/crew"));
        workers = std::make_unique<process>(command{std::move(words), std::move(environment)});
        const std::string line = workers->read_line().value_or("");
        if (!line.starts_with("sheaf worker ready")) throw peer_failure(line + "; " + workers->error_output());
    }

    [[nodiscard]] std::string file(const std::string& name) const { return (scratch_ / name).string(); }
    static std::vector<std::string> lines_of(const std::string& path) {
        std::vector<std::string> lines;
        std::ifstream in(path);
        for (std::string line; std::getline(in, line);) lines.push_back(line);
        return lines;
    }
    /// Waits until the file has `line`.
    static bool gets_line(const std::string& path, const std::string& line) {
        return eventually([&] {
            const auto lines = lines_of(path);
            return std::find(lines.begin(), lines.end(), line) != lines.end();
        });
    }
    int worker_pid() { return calls->call(process_id(), {.deadline = patience}); }

    std::string server;
    std::unique_ptr<process> workers;
    std::unique_ptr<cluster> calls;

  private:
    std::unique_ptr<sheafd_process> sheafd_;
    std::unique_ptr<gearmand_process> gearmand_;
    scratch_directory scratch_;
};

inline std::string brand_name(const ::testing::TestParamInfo<brand>& one) {
    return one.param == brand::sheafd ? "sheafd" : "gearmand";
}

}  // namespace sheaf::test
