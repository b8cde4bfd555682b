#include "integration/queue/regressions.hpp"

#include <chrono>
#include <set>

#include "integration/queue/regression_bench.hpp"
#include "support/small_disk.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

void submit_without_keys(bench& on, int jobs) {
    for (int i = 0; i < jobs; ++i) (void)on.submit("job " + std::to_string(i));
}

void submit_with_keys(bench& on, int jobs, const std::string& name = "job ") {
    for (int i = 0; i < jobs; ++i) (void)on.submit(name + std::to_string(i), "key of " + name + std::to_string(i));
}

finding jobs_without_a_key(rival& server) {
    bench on(server);
    submit_without_keys(on, 5);
    on.crash();
    (void)on.drain();
    return on.judge();
}

finding one_end_protects_the_others(rival& server) {
    bench on(server);
    submit_without_keys(on, 5);
    (void)on.drain(1);
    on.crash();
    (void)on.drain();
    return on.judge();
}

finding bytes_of_all_values(rival& server) {
    bench on(server);
    (void)on.submit(std::string("abc\0def", 7), "first");
    (void)on.submit(std::string("\0\1\2bin", 6), "second");
    on.crash();
    (void)on.drain();
    return on.judge();
}

finding names_with_a_hyphen(rival& server) {
    bench on(server);
    on.use_function("my-func");
    (void)on.submit("payload", "key");
    on.crash();
    (void)on.drain();
    return on.judge();
}

std::string seconds_from_now(std::chrono::seconds time) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::to_string((std::chrono::duration_cast<std::chrono::seconds>(now) + time).count());
}

finding priorities_and_times(rival& server) {
    bench on(server);
    (void)on.submit<packet_type::submit_job_low_bg>("low", "l");
    (void)on.submit("normal", "n");
    (void)on.submit<packet_type::submit_job_high_bg>("high", "h");
    (void)on.submit<packet_type::submit_job_epoch>("in an hour", "e", seconds_from_now(1h));
    on.crash();
    std::string order;
    for (const taken_job& one : on.drain()) order += one.payload + " ";
    if (order.starts_with("high normal low") && order.find("hour") != std::string::npos)
        on.complain("a job came early");
    if (order != "high normal low ") on.complain("handed out: " + order);
    finding found = on.judge();
    found.lost = 0;  // what is due in an hour waits
    return found;
}

finding times_after_2038(rival& server) {
    bench on(server);
    const auto handle =
        on.submit<packet_type::submit_job_epoch>("in a hundred years", "e", seconds_from_now(24h * 36525));
    on.crash();
    finding found;
    found.refused = !handle;
    if (!handle) return found;
    found.acknowledged = 1;
    found.ghosts = on.drain().size();  // before its time
    found.lost = found.ghosts == 0 && !on.knows(*handle);
    return found;
}

finding full_disk(rival& server) {
    small_disk disk(server.data(), 2 << 20);
    bench on(server);
    submit_with_keys(on, 5, "before ");
    disk.fill();
    // What is set aside may take some.
    std::size_t refused = 0;
    for (int i = 0; i < 200 && refused < 20; ++i) {
        const std::string payload = "full " + std::to_string(i) + std::string(20'000, 'x');
        refused += on.submit(payload, "full " + std::to_string(i)) ? 0 : 1;
    }
    on.forgive_refusals();
    disk.clear();
    submit_with_keys(on, 5, "after ");
    on.crash();
    (void)on.drain();
    finding found = on.judge();
    server.kill();
    return found;
}

finding store_that_goes_away(rival& server) {
    bench on(server);
    submit_with_keys(on, 5, "before ");
    server.lose_store();
    submit_with_keys(on, 5, "meanwhile ");
    on.forgive_refusals();
    server.regain_store();
    submit_with_keys(on, 5, "after ");
    on.crash();
    (void)on.drain();
    return on.judge();
}

finding keys_after_a_restart(rival& server) {
    bench on(server);
    submit_with_keys(on, 5);
    on.crash();
    on.crash();
    raw_peer client = on.connect();
    client.send<packet_type::submit_job_bg>("work", "key of job 3", "job 3, once more");
    (void)client.expect(packet_type::job_created);
    (void)on.drain();
    return on.judge();
}

finding handles_after_a_restart(rival& server) {
    bench on(server);
    const auto ended = on.submit("ended", "e");
    (void)on.drain();
    const auto first = on.submit("first", "f");
    const auto second = on.submit("second", "s");
    on.crash();
    if (on.knows(*ended)) on.complain("the handle of an ended job is known");
    for (const auto& one : {first, second}) {
        if (!on.knows(*one)) on.complain("the handle of a queued job is unknown");
    }
    const auto more = on.submit("third", "t");
    if (std::set{*ended, *first, *second}.contains(*more)) on.complain("a handle was given twice");
    (void)on.drain();
    return on.judge();
}

// Workers that sleep, are woken, and are gone at every moment of it.
finding workers_that_come_and_go(rival& server) {
    bench on(server);
    for (int round = 0; round < 50; ++round) {
        raw_peer sleeper = on.connect();
        sleeper.send<packet_type::can_do>("work");
        sleeper.send<packet_type::pre_sleep>();
        raw_peer taker = on.connect();
        taker.send<packet_type::can_do>("work");
        (void)on.submit("job " + std::to_string(round), "key " + std::to_string(round));
        (void)sleeper.expect(packet_type::noop);
        if (round % 3 != 0) taker.send<packet_type::grab_job>();
        if (round % 3 == 1) (void)taker.receive();
        round % 2 == 0 ? sleeper.reset() : sleeper.close();
        taker.reset();
    }
    // The server may not have heard of the last of them.
    for (const auto until = std::chrono::steady_clock::now() + patience;
         !on.judge().is_sound() && std::chrono::steady_clock::now() < until;) {
        (void)on.drain();
    }
    return on.judge();
}

finding an_end_after_the_end(rival& server) {
    bench on(server);
    (void)on.submit("job", "key");
    raw_peer worker = on.connect();
    worker.send<packet_type::can_do>("work");
    worker.send<packet_type::grab_job>();
    const std::string handle = worker.expect(packet_type::job_assign).arguments.at(0);
    worker.send<packet_type::work_complete>(handle, "");
    worker.send<packet_type::work_exception>(handle, "and yet");
    worker.send<packet_type::work_fail>(handle);
    (void)on.submit("another", "other key");
    (void)on.drain();
    finding found = on.judge();
    found.lost -= 1;  // which was executed here
    return found;
}

finding many_jobs(rival& server) {
    bench on(server);
    submit_with_keys(on, 100);
    on.crash();
    (void)on.drain();
    return on.judge();
}

}  // namespace

const std::vector<regression>& regressions() {
    static const std::vector<regression> all{
        {"RT1", "5 jobs without a unique key, kill -9", jobs_without_a_key, gearmand_sqlite},
        {"RT2", "the same, after one of them has ended", one_end_protects_the_others, gearmand_sqlite},
        {"RT3", "the same as RT1, in PostgreSQL", jobs_without_a_key, gearmand_postgres},
        {"RT4", "payloads with NUL bytes, kill -9", bytes_of_all_values, gearmand_redis},
        {"RT5", "a function with a hyphen, kill -9", names_with_a_hyphen, gearmand_redis},
        {"RT6", "priorities and a job for later, kill -9", priorities_and_times, gearmand_postgres},
        {"RT7", "a job for after 2038, kill -9", times_after_2038, gearmand_postgres},
        {"RT8", "a full disk that is cleared, kill -9", full_disk, gearmand_sqlite},
        {"RT9", "a store that goes away and comes back, kill -9", store_that_goes_away, gearmand_redis},
        {"RT10", "jobs with keys, two kills", keys_after_a_restart, nullptr},
        {"RT11", "handles after a kill -9", handles_after_a_restart, gearmand_sqlite},
        {"RT12", "workers that come and go as they are woken", workers_that_come_and_go, nullptr},
        {"RT13", "an exception after the end of a job", an_end_after_the_end, nullptr},
        {"RT14", "100 jobs, kill -9", many_jobs, gearmand_builtin},
    };
    return all;
}

std::string to_string(const finding& one) {
    std::string text = std::to_string(one.acknowledged) + " acknowledged";
    const auto add = [&text](std::size_t count, const char* what) {
        if (count != 0) text += ", " + std::to_string(count) + " " + what;
    };
    add(one.lost, "lost");
    add(one.ghosts, "ghosts");
    add(one.corrupted, "corrupted");
    add(one.refused, "refused");
    for (const std::string& each : one.wrong) text += "; " + each;
    if (one.is_sound()) text += ", all well";
    return text;
}

}  // namespace sheaf::test
