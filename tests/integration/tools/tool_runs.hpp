// `sheaf` as a person uses it with a job server: what it printed, and how it ended.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "integration/cluster/gearmand_process.hpp"
#include "support/process.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {

struct ended {
    int code = -1;
    std::string output;
    std::string errors;
};

/// Runs against sheafd ("sheafd") or stock gearmand ("gearmand").
class tools : public ::testing::TestWithParam<const char*> {
  protected:
    tools() {
        if (std::string(GetParam()) == "sheafd") {
            ours_ = std::make_unique<sheafd_process>();
            port_ = ours_->port();
        } else {
            stock_ = std::make_unique<gearmand_process>();
            port_ = stock_->port();
        }
    }

    [[nodiscard]] command sheaf(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), program("sheaf"));
        return {std::move(arguments), {"SHEAF_SERVER=127.0.0.1:" + port_}};
    }
    [[nodiscard]] command gearman(std::vector<std::string> arguments) const {
        const std::vector<std::string> start{"gearman", "-h", "127.0.0.1", "-p", port_};
        arguments.insert(arguments.begin(), start.begin(), start.end());
        return {std::move(arguments), {}};
    }

    static ended run(const command& what, const std::string& input = "") {
        process child(what);
        child.write(input);
        child.close_input();
        std::string output = child.read_all();
        const int code = child.wait().value_or(-1);
        return {code, std::move(output), child.error_output()};
    }

    /// A worker that runs these commands of the shell, connected.
    [[nodiscard]] std::unique_ptr<process> serve(std::initializer_list<std::string> functions,
                                                 std::vector<std::string> more = {}) const {
        std::vector<std::string> arguments{"worker", "-n", "2"};
        for (const std::string& one : functions) {
            arguments.emplace_back("--exec");
            arguments.push_back(one);
        }
        arguments.insert(arguments.end(), more.begin(), more.end());
        auto worker = std::make_unique<process>(sheaf(arguments));
        EXPECT_TRUE(worker->read_line().value_or("").starts_with("sheaf worker ready")) << worker->error_output();
        return worker;
    }

  private:
    std::unique_ptr<sheafd_process> ours_;
    std::unique_ptr<gearmand_process> stock_;
    std::string port_;
};

}  // namespace sheaf::test
