#include "worker.hpp"

#include "run_model.hpp"

namespace sheaf::sim {
namespace {

using enum protocol::packet_type;
constexpr std::size_t jobs_at_once = 3;

}  // namespace

void worker::connect() {
    connection_ = world_.connect();
    jobs_.clear();
    hangs_ = false;
    announce();
    grab();
}

void worker::announce() {
    functions_.clear();
    for (const auto* function : {"f0", "f1", "f2", plan_function}) {
        if (!steady_ && world_.chance(40)) continue;
        functions_.emplace_back(function);
        if (!steady_ && world_.chance(world_.faults().time_limit)) {
            world_.send(*connection_, request(can_do_timeout, {function, "1000"}));
        } else {
            world_.send(*connection_, request(can_do, {function}));
        }
    }
}

void worker::grab() {
    if (jobs_.empty() && world_.chance(25)) {
        world_.send(*connection_, request(all_yours));
        state_ = state::grab_is_open;
        return;
    }
    static constexpr protocol::packet_type kinds[] = {grab_job, grab_job_uniq, grab_job_all};
    world_.send(*connection_, request(kinds[world_.roll(3)]));
    state_ = state::grabbing;
}

void worker::act() {
    if (!connection_ || !world_.is_open(*connection_)) return connect();
    if (steady_) {
        proceed();
        return;
    }
    if (hangs_) return;
    if (world_.chance(world_.faults().worker_crash)) return world_.hang_up(*connection_);
    if (world_.chance(world_.faults().worker_hang)) {
        hangs_ = true;
        return;
    }
    if (state_ == state::grab_is_open && world_.chance(20)) return take_back();
    const bool may_be_given_a_job = state_ == state::grabbing || state_ == state::grab_is_open;
    if (!may_be_given_a_job && world_.chance(world_.faults().drop_ability)) return drop_ability();
    proceed();
}

bool worker::proceed() {
    if (hangs_ || !connection_ || !world_.is_open(*connection_)) return false;
    bool any = false;
    while (const auto m = world_.receive(*connection_)) {
        read(*m);
        any = true;
    }
    if (state_ != state::working) return any;
    work();
    return true;
}

void worker::read(const message& m) {
    if (m.is(job_assign) || m.is(job_assign_uniq) || m.is(job_assign_all)) {
        if (state_ != state::grabbing && state_ != state::grab_is_open) {
            throw violation("a worker got a job that it did not ask for");
        }
        jobs_.push_back({m.words[0], m.words[1], m.data});
        state_ = state::working;
    } else if (m.is(no_job)) {
        if (state_ != state::grabbing) throw violation("a worker was told NO_JOB without asking");
        if (jobs_.empty()) {
            world_.send(*connection_, request(pre_sleep));
            state_ = state::asleep;
        } else {
            state_ = state::working;
        }
    } else if (m.is(noop)) {
        if (state_ == state::asleep) grab();
    } else {
        throw violation("a worker that keeps the rules was told " + std::string(protocol::info(m.type).name));
    }
}

// The answer is NO_JOB, or a job that was quicker; and then there may be a NOOP.
void worker::take_back() {
    world_.send(*connection_, request(pre_sleep));
    state_ = state::grabbing;
}

void worker::work() {
    if (jobs_.empty() || (jobs_.size() < jobs_at_once && !world_.calm() && world_.chance(30))) return grab();
    const std::size_t which = world_.roll(jobs_.size());
    const std::string handle = jobs_[which].handle;
    if (!world_.calm() && world_.chance(30)) {
        return world_.send(*connection_, request(work_data, {handle}, "part"));
    }
    if (!world_.calm() && world_.chance(20)) {
        return world_.send(*connection_, request(work_status, {handle, "1", "2"}));
    }
    finish(which);
    grab();
}

void worker::finish(std::size_t which) {
    const held job = jobs_[which];
    jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(which));
    const auto complete = [&](std::string data) {
        world_.send(*connection_, request(work_complete, {job.handle}, std::move(data)));
    };
    if (job.function == plan_function) {
        return complete(walk_model(job.payload, [this](std::uint64_t sides) { return world_.roll(sides); }));
    }
    if (is_of_model(job.payload)) {
        const call_answer answer = answer_call(job.payload);
        return answer.fails ? fail(job.handle) : complete(answer.value);
    }
    world_.chance(70) ? complete("result") : fail(job.handle);
}

void worker::fail(const std::string& handle) {
    if (world_.chance(50)) return world_.send(*connection_, request(work_fail, {handle}));
    world_.send(*connection_, request(work_exception, {handle}, "boom"));
    // Some workers say both.
    if (world_.chance(50)) world_.send(*connection_, request(work_fail, {handle}));
}

void worker::drop_ability() {
    if (functions_.empty()) return;
    if (world_.chance(50)) {
        const std::string function = functions_[world_.roll(functions_.size())];
        std::erase(functions_, function);
        std::erase_if(jobs_, [&](const held& j) { return j.function == function; });
        return world_.send(*connection_, request(cant_do, {function}));
    }
    jobs_.clear();
    world_.send(*connection_, request(reset_abilities));
    announce();
}

void worker::recover() {
    if (!connection_ || !world_.is_open(*connection_)) connect();
}

void worker::kill_if_hanging() {
    if (hangs_ && connection_ && world_.is_open(*connection_)) world_.hang_up(*connection_);
}

}  // namespace sheaf::sim
