// Plays a script to a server, and writes down what it answers.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "script.hpp"
#include "sheaf/runtime/endpoint.hpp"
#include "support/raw_peer.hpp"

namespace sheaf::test {

class player {
  public:
    explicit player(endpoint server);

    /// Does what the step says, and returns what all peers have been sent since the last one: "worker NOOP",
    /// "client WORK_FAIL {1}", "operator > OK", "client is cut off". Those of the peer that did it come first, those of
    /// others by name; the rows of a list are sorted, and descriptors in them are written as FD.
    std::vector<std::string> play(const step& next);

  private:
    struct peer {
        std::unique_ptr<raw_peer> connection;
        bool is_open = true;
    };

    peer& peer_called(const std::string& name);
    [[nodiscard]] std::string bytes_of(const step& next) const;
    [[nodiscard]] std::string expand(const std::string& text) const;
    void listen_to(const std::string& name, std::vector<std::string>& heard);
    void write_down(const std::string& name, std::string_view bytes, std::vector<std::string>& heard);
    std::string packet_text(protocol::packet_type type, std::string_view body);
    [[nodiscard]] std::string with_numbered_handles(std::string text) const;
    void wait_until_gone();

    endpoint server_;
    std::map<std::string, peer> peers_;
    std::vector<std::string> handles_;
    raw_peer probe_;  ///< asks who is there; not listed
    int echoes_ = 0;
};

}  // namespace sheaf::test
