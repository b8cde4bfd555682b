// The guide's page about raw jobs: clients, task sets and workers of Gearman, without tasks and without the framework.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sheaf/runtime/client.hpp>
#include <sheaf/runtime/partition.hpp>
#include <sheaf/runtime/server.hpp>
#include <sheaf/runtime/task_set.hpp>
#include <sheaf/runtime/worker.hpp>

using namespace std::chrono_literals;
using sheaf::shared_bytes;
using sheaf::runtime::assignment;
using sheaf::runtime::job_answer;

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return result;
}

// [handler]
job_answer shout(assignment& job) {
    if (job.payload().empty()) job.send_warning("there is nothing to shout");
    job.send_status(1, 2);
    job.send_data("(takes a deep breath)");
    return job_answer::complete(shared_bytes(upper(job.payload().view())));
}
// [/handler]

void offer_all(sheaf::runtime::worker& worker, sheaf::runtime::client& client, std::jthread& elsewhere) {
    // [offer]
    worker.offer("shout", shout);
    worker.offer("fail", [](assignment&) { return job_answer::fail(); });
    worker.offer("throw", [](assignment&) -> job_answer { throw std::runtime_error("no voice"); }, {.timeout = 5s});
    // [/offer]
    // [defer]
    worker.offer("echo", [&](assignment& job) {
        // Whoever has it ends the job, at any time and on any thread.
        elsewhere = std::jthread([later = job.defer()] { later->end(job_answer::complete(later->payload())); });
        return job_answer{};
    });
    // [/defer]
    // [partition]
    const auto halves = [](const assignment& job) {
        const std::string_view text = job.payload().view();
        const std::size_t middle = text.size() / 2;
        return std::vector{shared_bytes(text.substr(0, middle)), shared_bytes(text.substr(middle))};
    };
    const auto joined = [](const std::vector<shared_bytes>& results) {
        std::string all;
        for (const shared_bytes& one : results) all += one.view();
        return job_answer::complete(shared_bytes(all));
    };
    worker.offer("halves", sheaf::runtime::partition_handler(client, halves, joined), {.with_reducer = true});
    // [/partition]
}

void run_one(sheaf::runtime::client& client) {
    // [run]
    const auto end = client.run({.function = "shout",
                                 .payload = shared_bytes("hello"),
                                 .priority = sheaf::runtime::job_priority::high,
                                 .deadline = std::chrono::steady_clock::now() + 10s});
    if (end.how == sheaf::runtime::job_end::kind::complete) {
        std::cout << end.data.view() << '\n';
    } else {
        std::cerr << end.why.message << '\n';
    }
    // [/run]
}

void run_set(sheaf::runtime::client& client) {
    // [set]
    const auto print = [](std::string_view what) {
        return [what](const shared_bytes& data) { std::cout << what << data.view() << '\n'; };
    };
    sheaf::runtime::task_set set(client, {.window = 1});
    set.add({.function = "shout", .payload = shared_bytes("and hello")},
            {.on_data = print("data: "),
             .on_warning = print("warning: "),
             .on_status = [](std::uint64_t n, std::uint64_t of) { std::cout << "status: " << n << '/' << of << '\n'; },
             .on_complete = print("complete: ")});
    set.add({.function = "fail", .retries = 1, .retry_pause = 10ms},
            {.on_retry = [](std::uint32_t n, const auto&) { std::cout << "retry " << n << '\n'; },
             .on_fail = [](const auto&) { std::cout << "failed for good\n"; }});
    set.add({.function = "throw"}, {.on_exception = print("exception: ")});
    if (!set.run_for(10s)) std::cerr << "some took too long\n";
    // [/set]
}

void run_in_background(sheaf::runtime::client& client) {
    // [background]
    const auto ticket = client.start({.function = "nobody.yet",
                                      .unique = "order 17",
                                      .payload = shared_bytes("later"),
                                      .run_at = std::chrono::system_clock::now() + 1h});
    if (!ticket) throw sheaf::runtime_failure(ticket.error());
    const auto by_ticket = client.status(*ticket, 1s);
    const auto by_unique = client.status_by_unique("order 17", 1s);
    if (by_ticket && by_unique) std::cout << by_ticket->known << by_unique->known << by_ticket->running << '\n';
    std::cout << client.admin("cancel job " + ticket->handle, 1s).value_or("no answer") << '\n';
    // [/background]
}

void run_others(sheaf::runtime::client& client) {
    std::cout << client.run({.function = "echo", .payload = shared_bytes("from elsewhere")}).data.view() << '\n';
    // [reduce]
    const auto end = client.run({.function = "halves", .payload = shared_bytes("in two parts"), .reducer = "shout"});
    // [/reduce]
    std::cout << end.data.view() << '\n';
}

int main() {
    sheaf::runtime::server server({.listen = {{"127.0.0.1", 0, {}}}});
    server.start();
    const std::vector<sheaf::endpoint> servers = server.endpoints();
    std::jthread elsewhere;
    // [client]
    sheaf::runtime::client client({.servers = servers, .prefix = "demo."});
    // [/client]
    // [worker]
    sheaf::runtime::worker worker({.servers = servers, .id = "loud", .prefix = "demo.", .slots = 2});
    offer_all(worker, client, elsewhere);
    std::jthread working([&](const std::stop_token& stop) { worker.run(stop); });
    // [/worker]
    run_one(client);
    run_set(client);
    run_in_background(client);
    run_others(client);
}
