// A server on which a scenario is played: what it was asked to keep, what it has handed out, and whether that is the same.
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "integration/queue/regressions.hpp"
#include "support/raw_peer.hpp"

namespace sheaf::test {

using protocol::packet_type;

struct taken_job {
    std::string handle;
    std::string payload;
};

/// A server, what it was asked to keep, and what it has handed out.
class bench {
  public:
    explicit bench(rival& server) : server_(&server) { server_->start(); }

    /// The handle of a job that was taken; nothing when it was refused.
    template <packet_type Submission = packet_type::submit_job_bg, class... Terms>
    std::optional<std::string> submit(const std::string& payload, const std::string& unique = {},
                                      const Terms&... terms) {
        raw_peer client(server_->where());
        client.send<Submission>(function_, unique, terms..., payload);
        const owned_packet answer = client.receive();
        if (answer.type != packet_type::job_created) {
            refused_.insert(payload);
            return std::nullopt;
        }
        kept_.insert(payload);
        return answer.arguments.at(0);
    }
    /// Of the jobs from now on.
    void use_function(std::string name) { function_ = std::move(name); }

    void crash() {
        server_->kill();
        server_->start();
    }
    /// Executes jobs until there are none, or `most` were executed.
    std::vector<taken_job> drain(std::size_t most = ~std::size_t{0}) {
        raw_peer worker(server_->where());
        worker.send<packet_type::can_do>(function_);
        std::vector<taken_job> all;
        while (all.size() < most) {
            worker.send<packet_type::grab_job>();
            const owned_packet answer = worker.receive();
            if (answer.type != packet_type::job_assign) break;
            all.push_back({answer.arguments.at(0), answer.data});
            worker.send<packet_type::work_complete>(all.back().handle, "");
            executed_.insert(answer.data);
        }
        worker.send<packet_type::echo_req>("all ends have arrived");
        (void)worker.expect(packet_type::echo_res);
        return all;
    }
    [[nodiscard]] bool knows(const std::string& handle) const {
        raw_peer client(server_->where());
        client.send<packet_type::get_status>(handle);
        return client.expect(packet_type::status_res).arguments.at(1) == "1";
    }
    [[nodiscard]] raw_peer connect() const { return raw_peer(server_->where()); }
    [[nodiscard]] rival& server() { return *server_; }
    /// That many were refused for a reason.
    void forgive_refusals() { forgiven_ = refused_.size(); }
    void complain(std::string what) { wrong_.push_back(std::move(what)); }

    /// Every kept job must have been executed, and no other.
    [[nodiscard]] finding judge() const {
        finding found{.acknowledged = kept_.size(), .refused = refused_.size() - forgiven_, .wrong = wrong_};
        std::set<std::string> missing;
        std::set<std::string> extra;
        std::ranges::set_difference(kept_, executed_, std::inserter(missing, missing.end()));
        std::ranges::set_difference(executed_, kept_, std::inserter(extra, extra.end()));
        // A job that came with another payload is one of each.
        const auto is_ghost = [this](const std::string& payload) { return refused_.contains(payload); };
        found.ghosts = static_cast<std::size_t>(std::ranges::count_if(extra, is_ghost));
        found.corrupted = std::min(missing.size(), extra.size() - found.ghosts);
        found.ghosts = extra.size() - found.corrupted;
        found.lost = missing.size() - found.corrupted;
        return found;
    }

  private:
    rival* server_;
    std::string function_ = "work";
    std::set<std::string> kept_;
    std::set<std::string> refused_;
    std::set<std::string> executed_;  // once or more: a job may be executed again if its end was not on the disk
    std::size_t forgiven_ = 0;
    std::vector<std::string> wrong_;
};

}  // namespace sheaf::test
