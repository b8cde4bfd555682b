#include "client.hpp"

namespace sheaf::sim {
namespace {

using enum protocol::packet_type;

}  // namespace

void client::act() {
    if (!connection_ || !world_.is_open(*connection_)) {
        connection_ = world_.connect();
        if (world_.chance(50)) world_.send(*connection_, request(option_req, {"exceptions"}));
        return;
    }
    read();
    if (world_.chance(world_.faults().client_crash)) return world_.hang_up(*connection_);
    if (world_.chance(world_.faults().runs)) return deal_with_runs();
    if (world_.chance(70)) {
        submit();
    } else {
        ask();
    }
}

void client::submit() {
    static constexpr protocol::packet_type kinds[] = {submit_job,    submit_job_high,    submit_job_low,
                                                      submit_job_bg, submit_job_high_bg, submit_job_low_bg};
    const std::string function = std::string("f") + static_cast<char>('0' + world_.roll(3));
    static constexpr const char* keys[] = {"", "", "-", "k1", "k2"};
    const std::string unique = keys[world_.roll(std::size(keys))];
    const std::string data = "data" + std::to_string(world_.roll(4));
    if (world_.chance(10)) {
        const auto when = world_.epoch_seconds() + static_cast<std::int64_t>(world_.roll(4));
        return world_.send(*connection_, request(submit_job_epoch, {function, unique, std::to_string(when)}, data));
    }
    if (world_.chance(2)) {
        return world_.send(*connection_, request(submit_job_sched, {function, unique, "", "*", "*", "*", "*"}, data));
    }
    if (world_.chance(10)) {
        const auto kind = world_.chance(50) ? submit_reduce_job : submit_reduce_job_background;
        return world_.send(*connection_, request(kind, {function, unique, "reducer", ""}, data));
    }
    if (world_.chance(15)) {
        const std::string terms = "attempts " + std::to_string(1 + world_.roll(3)) + "\nbackoff 50 2 500\ndelay " +
                                  std::to_string(world_.roll(3) * 100) + "\n\n";
        return world_.send(*connection_, request(submit_job_bg, {"sheaf.enqueue", unique},
                                                 "function " + function + '\n' + terms + data));
    }
    world_.send(*connection_, request(kinds[world_.roll(std::size(kinds))], {function, unique}, data));
}

void client::ask() {
    const bool is_known = !handles_.empty() && world_.chance(80);
    const std::string handle = is_known ? handles_[world_.roll(handles_.size())] : world_.some_handle();
    if (world_.chance(world_.faults().cancel)) {
        world_.send(*connection_, {.type = {}, .words = {}, .data = {}, .line = "cancel job " + handle});
    } else if (world_.chance(40)) {
        static constexpr const char* questions[] = {"sheaf.result", "sheaf.job", "sheaf.result"};
        world_.send(*connection_, request(submit_job, {questions[world_.roll(3)], ""}, handle));
    } else if (world_.chance(50)) {
        world_.send(*connection_, request(get_status, {handle}));
    } else {
        world_.send(*connection_, request(echo_req, {}, std::to_string(world_.roll(1'000'000))));
    }
}

void client::deal_with_runs() {
    const std::string name = "r" + std::to_string(world_.roll(4));
    const auto ask = [&](std::string order) {
        world_.send(*connection_, request(submit_job, {"sheaf.run", ""}, std::move(order)));
    };
    const std::uint64_t kind = world_.roll(100);
    if (kind < 40) {
        ask("start " + name + "\nfunction " + plan_function + "\n\n" + world_.model_of(name).item);
    } else if (kind < 75) {
        const std::string plan = world_.chance(90) ? plan_function : "other";
        ask("take " + name + "\ntaker t" + std::to_string(world_.roll(3)) + "\nfunction " + plan + "\n");
    } else if (kind < 88) {
        ask("status " + name);
    } else if (kind < 94) {
        ask("list");
    } else if (world_.chance(world_.faults().cancel)) {
        world_.note_cancelled(name);
        ask("cancel " + name);
    }
}

bool client::read() {
    bool any = false;
    while (connection_ && world_.is_open(*connection_)) {
        const auto m = world_.receive(*connection_);
        if (!m) break;
        any = true;
        if (m->is(job_created)) handles_.push_back(m->words[0]);
        if (handles_.size() > 20) handles_.erase(handles_.begin());
    }
    return any;
}

}  // namespace sheaf::sim
