// A server and a worker of some kind, on which clients of other kinds show what they can do with them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "integration/cluster/gearmand_process.hpp"
#include "integration/interop/features.hpp"
#include "integration/interop/peers.hpp"
#include "support/process.hpp"
#include "support/raw_peer.hpp"
#include "support/scratch_directory.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test::interop {

class stage {
  public:
    stage(server where, peer worker);

    /// What a client and the worker of this stage make of a feature. Throws when something that was to come does not.
    [[nodiscard]] outcome show(feature which, peer client);

    /// What a client hears that calls `function`; `words` are as in peers.hpp.
    [[nodiscard]] outcome call(peer client, const std::string& function, const std::string& payload,
                               std::vector<std::string> words = {});

  private:
    [[nodiscard]] process start(peer client, const std::string& function, const std::string& payload,
                                std::vector<std::string> words = {});

    [[nodiscard]] outcome exception(peer client);
    [[nodiscard]] outcome background(peer client);
    [[nodiscard]] outcome job_status(peer client);
    [[nodiscard]] outcome priority(peer client);
    [[nodiscard]] outcome unique(peer client);
    [[nodiscard]] outcome key(peer client);
    [[nodiscard]] outcome large(peer client);

    [[nodiscard]] process& worker_of(std::string_view function);
    /// Waits for the next line that the worker prints for `function`, and checks how it begins.
    [[nodiscard]] std::string next_line(std::string_view function, std::string_view begins);
    /// The payload of the next job that the worker logs; with its key, if that is asked for.
    [[nodiscard]] std::string next_run(bool with_key = false);
    /// Gives the worker a job that it waits in until release().
    void hold();
    void release(std::string_view function = "log");
    void wait_for_status(const std::string& handle);
    void wait_for_clients(const std::string& unique, int count);

    std::unique_ptr<sheafd_process> ours_;
    std::unique_ptr<gearmand_process> stock_;
    endpoint where_;
    std::string port_;
    scratch_directory files_;
    int files_written_ = 0;
    server server_;
    peer worker_;
    std::vector<std::unique_ptr<process>> workers_;  // one, or one for each of `functions`
    std::unique_ptr<raw_peer> asker_;
};

}  // namespace sheaf::test::interop
