#include "integration/queue/rivals.hpp"

#include <cerrno>
#include <csignal>
#include <functional>
#include <pwd.h>
#include <utility>
#include <vector>

#include "integration/cluster/gearmand_process.hpp"
#include "integration/queue/queue_server.hpp"
#include "support/disk_faults.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {
namespace {

namespace fs = std::filesystem;
using words = std::vector<std::string>;

class sheafd_with_a_directory final : public rival {
  public:
    [[nodiscard]] std::string name() const override { return "sheafd"; }
    void start() override { server_.start(); }
    void kill() override { server_.kill(); }
    [[nodiscard]] endpoint where() const override { return server_.where(); }
    void lose_store() override { faults_.arm({.error = EIO, .file = "jobs.sqlite"}); }
    void regain_store() override { faults_.disarm_all(); }
    [[nodiscard]] fs::path data() const override {
        fs::create_directories(server_.data());
        return server_.data();
    }

  private:
    disk_faults faults_;
    queue_server server_{{}, faults_.environment()};
};

/// What the queue of a gearmand needs beside it, which outlives its kills.
class queue_backend {
  public:
    virtual ~queue_backend() = default;
    /// What gearmand is to be told.
    [[nodiscard]] virtual words options() const = 0;
    virtual void stop() { throw peer_failure("it cannot be stopped"); }
    virtual void start() { throw peer_failure("it cannot be started"); }
};

class gearmand_with_a_queue final : public rival {
  public:
    gearmand_with_a_queue(std::string queue, std::function<std::unique_ptr<queue_backend>(const fs::path&)> make)
        : queue_(std::move(queue)), backend_(make(data())) {}

    [[nodiscard]] std::string name() const override { return "gearmand -q " + queue_; }
    void start() override { running_ = std::make_unique<gearmand_process>(backend_->options()); }
    void kill() override { running_.reset(); }
    [[nodiscard]] endpoint where() const override { return running_->where(); }
    void lose_store() override { backend_->stop(); }
    void regain_store() override { backend_->start(); }
    [[nodiscard]] fs::path data() const override {
        fs::create_directories(place_ / "data");
        return place_ / "data";
    }

  private:
    scratch_directory place_;
    std::string queue_;
    std::unique_ptr<queue_backend> backend_;
    std::unique_ptr<gearmand_process> running_;
};

class memory_backend final : public queue_backend {
  public:
    [[nodiscard]] words options() const override { return {}; }
};

class sqlite_backend final : public queue_backend {
  public:
    explicit sqlite_backend(const fs::path& at) : file_(at / "gearmand.sqlite") {}
    [[nodiscard]] words options() const override { return {"-q", "libsqlite3", "--libsqlite3-db", file_.string()}; }

  private:
    fs::path file_;
};

class redis_backend final : public queue_backend {
  public:
    explicit redis_backend(const fs::path& at) : at_(at), port_(std::to_string(gearmand_process::free_port())) {
        start();
    }

    void stop() override {
        redis_->send_signal(SIGTERM);
        redis_->wait();
    }
    void start() override {
        redis_ = std::make_unique<process>(words{"redis-server", "--port", port_, "--bind", "127.0.0.1", "--save", "",
                                                 "--appendonly", "yes", "--dir", at_.string(), "--daemonize", "no"});
        for (auto line = redis_->read_line(); line; line = redis_->read_line()) {
            if (line->find("Ready to accept connections") != std::string::npos) return;
        }
        throw peer_failure("redis-server does not start");
    }
    [[nodiscard]] words options() const override {
        return {"-q", "redis", "--redis-server", "127.0.0.1", "--redis-port", port_};
    }

  private:
    fs::path at_;
    std::string port_;
    std::unique_ptr<process> redis_;
};

/// A database cluster of its own, which listens at a Unix-domain socket. It does not run as root.
class postgres_backend final : public queue_backend {
  public:
    explicit postgres_backend(const fs::path& at) : at_(at) {
        give_away(at);
        for (const fs::path& above : {at.parent_path(), at})
            fs::permissions(above, fs::perms(0711), fs::perm_options::add);
        process made(
            as_user({binary("initdb"), "--no-sync", "--auth", "trust", "--username", "sheaf", "--pgdata", cluster()}));
        if (made.wait(std::chrono::seconds(60)) != 0) throw peer_failure("initdb failed: " + made.error_output());
        server_ = std::make_unique<process>(as_user(
            {binary("postgres"), "-D", cluster(), "-k", at.string(), "-c", "listen_addresses=", "-c", "fsync=off"}));
        const auto answers = [this] { return process({binary("pg_isready"), "-q", "-h", at_.string()}).wait() == 0; };
        if (!eventually(answers)) throw peer_failure("postgres does not start: " + server_->error_output());
    }
    ~postgres_backend() override {
        server_->send_signal(SIGINT);  // its children end, too
        server_->wait();
    }
    postgres_backend(const postgres_backend&) = delete;
    postgres_backend& operator=(const postgres_backend&) = delete;

    [[nodiscard]] words options() const override {
        return {"-q", "Postgres", "--libpq-conninfo", "host=" + at_.string() + " dbname=postgres user=sheaf"};
    }

  private:
    [[nodiscard]] std::string cluster() const { return (at_ / "cluster").string(); }
    // Debian has them by the version, and outside of PATH.
    static std::string binary(const std::string& name) {
        for (const auto& version : fs::directory_iterator("/usr/lib/postgresql")) {
            const fs::path found = version.path() / "bin" / name;
            if (fs::exists(found)) return found.string();
        }
        throw peer_failure("PostgreSQL is not installed");
    }
    static words as_user(words what) {
        if (::geteuid() != 0) return what;
        const words start{"setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"};
        what.insert(what.begin(), start.begin(), start.end());
        return what;
    }
    static void give_away(const fs::path& directory) {
        const passwd* const user = ::getpwnam("postgres");
        if (::geteuid() != 0) return;
        if (user == nullptr || ::chown(directory.c_str(), user->pw_uid, user->pw_gid) != 0) throw_errno("chown");
    }

    fs::path at_;
    std::unique_ptr<process> server_;
};

template <class Backend>
std::unique_ptr<rival> gearmand_with(const std::string& queue) {
    return std::make_unique<gearmand_with_a_queue>(queue, [](const fs::path& at) {
        if constexpr (std::is_default_constructible_v<Backend>) {
            return std::make_unique<Backend>();
        } else {
            return std::make_unique<Backend>(at);
        }
    });
}

}  // namespace

std::unique_ptr<rival> sheafd_rival() { return std::make_unique<sheafd_with_a_directory>(); }
std::unique_ptr<rival> gearmand_builtin() { return gearmand_with<memory_backend>("builtin"); }
std::unique_ptr<rival> gearmand_sqlite() { return gearmand_with<sqlite_backend>("libsqlite3"); }
std::unique_ptr<rival> gearmand_redis() { return gearmand_with<redis_backend>("redis"); }
std::unique_ptr<rival> gearmand_postgres() { return gearmand_with<postgres_backend>("Postgres"); }

}  // namespace sheaf::test
