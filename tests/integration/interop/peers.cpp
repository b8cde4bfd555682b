#include "integration/interop/peers.hpp"

#include <filesystem>

namespace sheaf::test::interop {
namespace {

const std::string scripts = std::string(SHEAF_SOURCE_DIR) + "/tests/integration/interop/peers/";
const std::string node_modules = std::string(SHEAF_SOURCE_DIR) + "/build/node/node_modules";

struct language {
    std::vector<std::string> client;
    std::vector<std::string> worker;
};

language how_to_start(peer which) {
    switch (which) {
        case peer::ours: return {{program("tests/interop_client")}, {program("tests/interop_worker")}};
        case peer::tool: return {{"perl", scripts + "gearman_client.pl"}, {"sh", scripts + "gearman_worker.sh"}};
        case peer::php: return {{"php", scripts + "client.php"}, {"php", scripts + "worker.php"}};
        case peer::perl: return {{"perl", scripts + "client.pl"}, {"perl", scripts + "worker.pl"}};
        // gearmanode is older than the warnings of today's node.
        case peer::node:
            return {{"node", "--no-deprecation", scripts + "client.js"},
                    {"node", "--no-deprecation", scripts + "worker.js"}};
    }
    return {};
}

command with_arguments(std::vector<std::string> start, const std::string& port, const std::vector<std::string>& words) {
    start.insert(start.end(), {"127.0.0.1", port});
    start.insert(start.end(), words.begin(), words.end());
    return {std::move(start), {"NODE_PATH=" + node_modules}};
}

/// A program that loads the peer's library and does nothing else.
command probe(peer which) {
    switch (which) {
        case peer::ours: return {{"true"}, {}};
        case peer::tool: return {{"gearman", "-H"}, {}};
        case peer::php: return {{"php", "-r", "exit(extension_loaded('gearman') ? 0 : 1);"}, {}};
        case peer::perl: return {{"perl", "-MGearman::Client", "-MGearman::Worker", "-e1"}, {}};
        case peer::node:
            return {{"node", "--no-deprecation", "-e", "require('gearmanode')"}, {"NODE_PATH=" + node_modules}};
    }
    return {};
}

}  // namespace

std::string_view name_of(peer which) {
    switch (which) {
        case peer::ours: return "ours";
        case peer::tool: return "gearman";
        case peer::php: return "php";
        case peer::perl: return "perl";
        case peer::node: return "node";
    }
    return "?";
}

std::string_view name_of(server which) { return which == server::sheafd ? "sheafd" : "gearmand"; }

command client_command(peer which, const std::string& port, const std::vector<std::string>& words) {
    return with_arguments(how_to_start(which).client, port, words);
}

std::vector<command> worker_commands(peer which, const std::string& port) {
    const auto start = how_to_start(which).worker;
    if (which != peer::tool) return {with_arguments(start, port, {})};
    std::vector<command> commands;
    for (const auto function : functions) commands.push_back(with_arguments(start, port, {std::string(function)}));
    return commands;
}

void require(peer which) {
    process loads(probe(which));
    loads.close_input();
    (void)loads.read_all();
    if (loads.wait() == 0) return;
    throw peer_failure("the peer " + std::string(name_of(which)) +
                       " cannot be had; ./dev test installs what it needs. It said: " + loads.error_output());
}

}  // namespace sheaf::test::interop
