// A client or a worker as a process of its own, which can be killed and stopped. It goes on until then.
//
//   queue_load submit|work NAME ADDRESS NOTES SEED
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include "integration/queue/load.hpp"

namespace {

using namespace sheaf::test;
using namespace std::chrono_literals;

int run(const std::string& role, const std::string& name, const std::string& address, recorder& notes,
        std::uint64_t seed) {
    const auto parsed = sheaf::parse_endpoints(address);
    if (!parsed) throw peer_failure(parsed.error().message);
    const address_source where = [at = parsed->front()] { return at; };
    if (role == "submit") {
        const submit_terms mixed{.pause = 8ms, .keyed = 150, .high = 150, .low = 150, .delayed = 50, .asked_every = 10};
        load_client(name, where, notes, mixed, seed).run();
    } else if (role == "work") {
        load_worker(name, where, notes, {.takes = 1ms, .failing = 150}, seed).run();
    } else {
        throw peer_failure("neither submit nor work: " + role);
    }
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 6) throw peer_failure("usage: queue_load submit|work NAME ADDRESS NOTES SEED");
        recorder notes(argv[4]);
        return run(argv[1], argv[2], argv[3], notes, std::strtoull(argv[5], nullptr, 10));
    } catch (const std::exception& why) {
        std::cerr << "queue_load: " << why.what() << '\n';
        return EXIT_FAILURE;
    }
}
