// The guide's page about background jobs.
#include <chrono>
#include <future>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>

#include <sheaf/background.hpp>
#include <sheaf/sheaf.hpp>

using namespace std::chrono_literals;

struct unpaid : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// [task]
inline constexpr sheaf::task<"invoice.print", std::string(int number), sheaf::throws<unpaid>> print_invoice{};
// [/task]

std::string print_one(int number) {
    if (number < 0) throw unpaid("there is no invoice " + std::to_string(number));
    return "invoice " + std::to_string(number);
}

void fetch_elsewhere(sheaf::cluster& cluster, const std::string& id) {
    // [attach]
    const auto same = cluster.attach(print_invoice, id);
    std::cout << same.get() << '\n';  // waits for the end
    // [/attach]
    // [try_get]
    if (const auto outcome = same.try_get()) {  // does not wait: nothing while it has not ended
        std::cout << (*outcome ? **outcome : outcome->error().message) << '\n';
    }
    // [/try_get]
    // [future]
    std::promise<void> printed;
    same.fetch().then([&](const sheaf::result<std::string>& outcome) {
        std::cout << outcome.value_or("nothing") << '\n';
        printed.set_value();
    });
    printed.get_future().wait();
    // [/future]
}

void with_terms(sheaf::cluster& cluster) {
    // [terms]
    const auto job = cluster.enqueue(print_invoice(7), {.delay = 10min,
                                                        .retry = sheaf::retry{5}.backoff(1s).cap(1min),
                                                        .keep = 48h,
                                                        .attempt_timeout = 30s,
                                                        .priority = sheaf::priority::low,
                                                        .unique = sheaf::by_arguments});
    // [/terms]
    // [status]
    const sheaf::background_status status = job.status();
    if (!status.has_ended()) std::cerr << status.why << '\n';  // not due for 600 s
    if (status.total > 0) std::cerr << status.done << " of " << status.total << " by " << status.worker << '\n';
    // [/status]
    std::cout << to_string(status.state) << '\n';
    // [cancel]
    const sheaf::background_state was = job.cancel();
    std::cout << "it was " << to_string(was) << '\n';
    // [/cancel]
}

void with_a_dead_letter(sheaf::cluster& cluster) {
    // [dead]
    const auto job = cluster.enqueue(print_invoice(-1), {.retry = sheaf::retry{2}});
    try {
        (void)job.get();
    } catch (const unpaid& why) {  // what the last attempt has thrown
        std::cout << why.what() << '\n';
    }
    std::cout << job.status().why << '\n';
    job.retry();  // under the same id, with all attempts before it
    // [/dead]
    (void)job.result();
}

void with_support(sheaf::cluster& cluster) {
    // [support]
    for (const sheaf::background_support& one : cluster.background_support()) {
        if (!one.problem.empty()) std::cerr << one.problem << '\n';
        std::cout << (one.terms ? "sheafd" : "gearmand") << ", durability " << one.durability << '\n';
    }
    // [/support]
}

int main(int argc, char** argv) {
    sheaf::app app{"background"};
    app.bind(print_invoice, print_one);
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        // [enqueue]
        const sheaf::background<std::string> job = cluster.enqueue(print_invoice(17));
        const std::string id = job.id();  // a text: for a database, a file, a cookie
        // [/enqueue]
        fetch_elsewhere(cluster, id);
        with_terms(cluster);
        with_a_dead_letter(cluster);
        with_support(cluster);
        return 0;
    });
}
