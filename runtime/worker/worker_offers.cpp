// What a worker offers: functions come and go while it works.
#include <algorithm>
#include <utility>

#include "protocol/encode.hpp"
#include "worker/worker_core.hpp"

namespace sheaf::runtime {

using protocol::packet_type;
using protocol::write_request;

void worker_core::offer(offered_function what) {
    std::string name = how_.prefix + what.name;
    wants_reducers_ = wants_reducers_ || what.how.with_reducer;
    offer_state& known = functions_[name];
    known = {std::move(what), false};
    bool may_have_jobs = false;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        server_state& s = servers_[i];
        if (!s.link.is_connected()) continue;
        if (std::erase(s.leaving, name) != 0) continue;  // it has not been told that the function goes
        write_offer(out_.output(i), name, known.what);
        if (wants_reducers_) take_grab_back(i);  // it would bring a job without one
        // gearmand does not say NOOP when a job waits that the worker can do only now.
        if (s.jobs != supply::asleep || s.open_grab) continue;
        s.jobs = supply::hopeful;
        may_have_jobs = true;
    }
    if (!may_have_jobs) return;
    make_room(1);
    grab_up_to(room());
}

// CANT_DO has a server give jobs of the function to somebody else, also one that is on its way. So it is sent when none is: no
// job is asked for until those that are out have ended.
void worker_core::withdraw(const std::string& function) {
    const auto known = functions_.find(how_.prefix + function);
    if (known == functions_.end() || std::exchange(known->second.is_leaving, true)) return;
    const std::string name = known->first;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        if (!servers_[i].link.is_connected()) continue;
        servers_[i].leaving.push_back(name);
        take_grab_back(i);
        settle(i);
    }
    forget_withdrawn();
}

void worker_core::write_offer(protocol::output_buffer& out, const std::string& name, const offered_function& what) {
    if (what.how.timeout.count() <= 0) return write_request<packet_type::can_do>(out, name);
    write_request<packet_type::can_do_timeout>(out, name, std::to_string(what.how.timeout.count()));
}

// Tells the server what is not offered any more, as soon as that costs no job an attempt.
void worker_core::settle(std::size_t server) {
    server_state& s = servers_[server];
    if (s.leaving.empty() || s.grabs != 0) return;
    const auto is_done = [&](const std::string& name) { return !is_out(name, server); };
    if (!std::all_of(s.leaving.begin(), s.leaving.end(), is_done)) return;
    for (const std::string& name : s.leaving) write_request<packet_type::cant_do>(out_.output(server), name);
    s.leaving.clear();
    forget_withdrawn();
    grab_up_to(room());
}

bool worker_core::is_out(const std::string& name, std::size_t server) const noexcept {
    return std::any_of(jobs_.begin(), jobs_.end(), [&](const worker_job& job) {
        return job.in_use && job.server == server && !job.orphaned && !job.answered &&
               job.function == without_prefix(name);
    });
}

void worker_core::forget_withdrawn() {
    std::erase_if(functions_, [this](const auto& known) {
        return known.second.is_leaving && std::none_of(servers_.begin(), servers_.end(), [&](const server_state& s) {
                   return std::find(s.leaving.begin(), s.leaving.end(), known.first) != s.leaving.end();
               });
    });
}

}  // namespace sheaf::runtime
