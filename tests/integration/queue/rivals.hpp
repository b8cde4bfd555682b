// Job servers that keep background jobs somewhere, and can be killed and started again: ours, and stock gearmand with each of its
// queues that Debian has.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "sheaf/runtime/endpoint.hpp"

namespace sheaf::test {

class rival {
  public:
    virtual ~rival() = default;

    /// The server and its queue, for tables.
    [[nodiscard]] virtual std::string name() const = 0;
    /// Returns when it takes connections. What it keeps is there from its last life.
    virtual void start() = 0;
    /// As a power cut would, but for what else the queue needs, such as a database server.
    virtual void kill() = 0;
    [[nodiscard]] virtual endpoint where() const = 0;
    /// What it keeps its jobs in fails, or is gone; and is well again, with what was in it.
    virtual void lose_store() = 0;
    virtual void regain_store() = 0;
    /// Where it keeps its file, if it does; a small disk may be put there before the first start.
    [[nodiscard]] virtual std::filesystem::path data() const = 0;
};

[[nodiscard]] std::unique_ptr<rival> sheafd_rival();
/// Jobs in memory, as gearmand keeps them unless it is told otherwise.
[[nodiscard]] std::unique_ptr<rival> gearmand_builtin();
[[nodiscard]] std::unique_ptr<rival> gearmand_sqlite();
[[nodiscard]] std::unique_ptr<rival> gearmand_redis();
[[nodiscard]] std::unique_ptr<rival> gearmand_postgres();

}  // namespace sheaf::test
