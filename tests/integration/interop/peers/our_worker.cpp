// A worker of sheaf::runtime: interop_worker HOST PORT. What its functions do is said in peers.hpp.
#include <iostream>
#include <string>

#include "sheaf/runtime/worker.hpp"

namespace {

using sheaf::shared_bytes;
using sheaf::runtime::assignment;
using sheaf::runtime::job_answer;

job_answer complete(std::string_view text) { return job_answer::complete(shared_bytes(text)); }

/// Waits for a line of standard input when that is what the job is for.
void hold(const assignment& job) {
    if (job.payload().view() != "hold") return;
    std::cout << "holding" << std::endl;
    std::string line;
    std::getline(std::cin, line);
}

job_answer reverse(assignment& job) {
    const std::string_view text = job.payload().view();
    return complete(std::string(text.rbegin(), text.rend()));
}

job_answer chunks(assignment& job) {
    job.send_data("one");
    job.send_data("two");
    return complete("three");
}

job_answer warn(assignment& job) {
    job.send_warning("careful");
    return complete("done");
}

job_answer progress(assignment& job) {
    job.send_status(1, 4);
    hold(job);
    job.send_status(3, 4);
    return complete("done");
}

job_answer log(assignment& job) {
    hold(job);
    std::cout << "ran " << job.unique() << ' ' << job.payload().view() << std::endl;
    return complete(job.payload().view());
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) return 64;
    const auto port = static_cast<std::uint16_t>(std::stoi(words[2]));
    sheaf::runtime::worker worker({.servers = {{.host = words[1], .port = port, .path = {}}}});
    worker.offer("reverse", reverse);
    worker.offer("chunks", chunks);
    worker.offer("warn", warn);
    worker.offer("throw", [](assignment&) { return job_answer::exception(shared_bytes("gone wrong")); });
    worker.offer("fail", [](assignment&) { return job_answer::fail(); });
    worker.offer("progress", progress);
    worker.offer("log", log);
    worker.run();
}
