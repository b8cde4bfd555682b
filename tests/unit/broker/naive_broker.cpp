#include "naive_broker.hpp"

#include <limits>
#include <utility>

namespace sheaf::test {

std::vector<std::string> naive_broker::take(int peer) {
    std::vector<std::string> lines;
    auto& replies = peers_[peer].replies;
    while (!replies.empty() && replies.front().line) {
        lines.push_back(*replies.front().line);
        replies.erase(replies.begin());
    }
    return lines;
}

naive_broker::job* naive_broker::next_ready(const std::string& function) {
    job* best = nullptr;
    for (auto& j : jobs_) {
        if (j.at != phase::ready || j.what.function != function) continue;
        if (best == nullptr || std::pair(j.what.priority, j.turn) < std::pair(best->what.priority, best->turn))
            best = &j;
    }
    return best;
}

std::optional<std::size_t> naive_broker::best_skill(const peer_state& p) {
    std::optional<std::size_t> best;
    int priority = 3;
    for (std::size_t i = 0; i < p.skills.size(); ++i) {
        const std::size_t from = std::min(p.next_skill, p.skills.size() - 1);
        const std::size_t at = (from + p.skills.size() - i) % p.skills.size();
        const job* const j = next_ready(p.skills[at].function);
        if (j == nullptr || j->what.priority >= priority) continue;
        priority = j->what.priority;
        best = at;
    }
    return best;
}

void naive_broker::count_on(peer_state& p, const std::string& function) {
    p.woken_for = function;
    p.patience_ends = now_ + how_.patience;
    p.woken_turn = ++turn_;
}

void naive_broker::wake(const std::string& function) {
    while (ready(function) != 0) {
        // Those without a job come first, and of them the one that was busy last.
        int first = -1;
        std::int64_t best = std::numeric_limits<std::int64_t>::max();
        for (auto& [number, p] : peers_) {
            for (const auto& s : p.skills) {
                const auto turn = static_cast<std::int64_t>(s.turn);
                const std::int64_t rank = jobs_of(number).empty() ? -turn : turn;
                if (!p.grab_is_open || s.function != function || rank >= best) continue;
                best = rank;
                first = number;
            }
        }
        if (first < 0) break;
        peers_[first].grab_is_open = false;
        say(first, "NOOP");
        hand_job(peers_[first], first, grab_kind::unique);
    }
    for (;;) {
        std::size_t on_their_way = 0;
        int sleeper = -1;
        std::uint64_t slept = std::numeric_limits<std::uint64_t>::max();
        for (auto& [number, p] : peers_) {
            if (p.woken_for == function) ++on_their_way;
            for (const auto& s : p.skills) {
                if (!p.asleep || s.function != function || s.turn >= slept) continue;
                slept = s.turn;
                sleeper = number;
            }
        }
        const std::size_t wish = how_.wakeup == 0 ? 1000 : how_.wakeup;
        if (sleeper < 0 || on_their_way >= ready(function) * wish) return;
        peers_[sleeper].asleep = false;
        count_on(peers_[sleeper], function);
        say(sleeper, "NOOP");
    }
}

void naive_broker::stop_sleeping(int peer) {
    peers_[peer].asleep = peers_[peer].grab_is_open = false;
    const std::string was = std::exchange(peers_[peer].woken_for, "");
    if (!was.empty()) wake(was);
}

void naive_broker::make_ready(job& j) {
    j.at = phase::ready;
    j.turn = ++turn_;
}

// Those at the end of the queue that were submitted later go behind it again.
void naive_broker::make_ready_by_age(job& j) {
    std::vector<job*> queue;
    for (auto& other : jobs_) {
        if (other.at != phase::ready || other.what.function != j.what.function) continue;
        if (other.what.priority == j.what.priority) queue.push_back(&other);
    }
    std::sort(queue.begin(), queue.end(), [](const job* a, const job* b) { return a->turn < b->turn; });
    auto younger = queue.end();
    while (younger != queue.begin() && (*std::prev(younger))->id > j.id) --younger;
    make_ready(j);
    for (; younger != queue.end(); ++younger) make_ready(**younger);
}

void naive_broker::become_due(job& j, std::int64_t run_at) {
    j.what.run_at = run_at;
    if (run_at > now_) {
        j.at = phase::scheduled;
    } else {
        j.at == phase::uncommitted ? make_ready_by_age(j) : make_ready(j);
        wake(j.what.function);
    }
}

void naive_broker::acknowledge_all(job& j) {
    for (auto& l : j.listeners) {
        if (l.ticket) settle(l.peer, *l.ticket, "JOB_CREATED " + handle(j.id));
        l.ticket.reset();
    }
    std::erase_if(j.listeners, [](const listener& l) { return l.background; });
}

// Background submissions hear what the store says, also when the job has gone meanwhile.
void naive_broker::settle_ended(job& j) {
    for (auto& l : j.listeners) {
        if (j.record == kept::storing && l.background && l.ticket) {
            ended_[j.id].emplace_back(l.peer, *std::exchange(l.ticket, std::nullopt));
        }
    }
    acknowledge_all(j);
}

void naive_broker::end(std::uint64_t id) {
    job& j = *find(id);
    settle_ended(j);
    if (j.record != kept::no) forgotten.push_back(id);
    const bool ran = j.at == phase::running;
    const int worker = j.worker;
    erase(id);
    if (ran) come_to_rest(worker);
}

void naive_broker::come_to_rest(int peer) {
    peer_state& p = peers_[peer];
    if (!p.grab_is_open || !jobs_of(peer).empty()) return;
    for (auto& s : p.skills) s.turn = ++turn_;
}

void naive_broker::tell(const job& j, const std::string& line) {
    for (const auto& l : j.listeners) {
        if (!l.background) say(l.peer, line);
    }
}

void naive_broker::fail(std::uint64_t id) {
    job& j = *find(id);
    settle_ended(j);
    tell(j, "WORK_FAIL " + handle(id));
    if (j.at != phase::running) return end(id);
    if (j.record != kept::no) forgotten.push_back(id);
    j.record = kept::no;
    j.background = false;
    j.listeners.clear();
    j.deadline.reset();
    j.discarded = true;
}

void naive_broker::give_back(std::uint64_t id) {
    job& j = *find(id);
    if (j.discarded || !wanted(j)) return end(id);
    ++j.retries;
    j.numerator = j.denominator = "0";
    j.deadline.reset();
    make_ready(j);
    come_to_rest(j.worker);
    if (how_.retries >= 0 && j.retries >= how_.retries) return fail(id);
    wake(j.what.function);
}

void naive_broker::give_back_all(int peer, const std::string* function) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> theirs;
    for (const auto& j : jobs_) {
        if (j.at != phase::running || j.worker != peer) continue;
        if (function == nullptr || j.what.function == *function) theirs.emplace_back(j.turn, j.id);
    }
    std::sort(theirs.begin(), theirs.end());
    for (const auto& [turn, id] : theirs) give_back(id);
}

void naive_broker::drop_skill(int peer, std::size_t position) {
    peer_state& p = peers_[peer];
    const std::string function = p.skills[position].function;
    p.skills.erase(p.skills.begin() + static_cast<std::ptrdiff_t>(position));
    if (p.next_skill >= position) --p.next_skill;
    if (p.woken_for == function) stop_sleeping(peer);
}

void naive_broker::disconnected(int peer) {
    stop_sleeping(peer);
    for (std::size_t i = 0; i < jobs_.size();) {
        std::erase_if(jobs_[i].listeners, [&](const listener& l) { return l.peer == peer; });
        if (jobs_[i].at != phase::running && !wanted(jobs_[i])) {
            end(jobs_[i].id);
        } else {
            ++i;
        }
    }
    peers_[peer].skills.clear();
    give_back_all(peer, nullptr);
    peers_.erase(peer);
}

void naive_broker::can_do(int peer, const std::string& function, std::optional<std::int64_t> timeout) {
    peer_state& p = peers_[peer];
    for (auto& s : p.skills) {
        if (s.function != function) continue;
        s.timeout = timeout;
        return;
    }
    p.skills.push_back({function, timeout, ++turn_});
    if (p.asleep || p.grab_is_open) wake(function);
}

void naive_broker::cant_do(int peer, const std::string& function) {
    for (std::size_t i = 0; i < peers_[peer].skills.size(); ++i) {
        if (peers_[peer].skills[i].function == function) {
            drop_skill(peer, i);
            break;
        }
    }
    give_back_all(peer, &function);
}

void naive_broker::reset_abilities(int peer) {
    while (!peers_[peer].skills.empty()) drop_skill(peer, peers_[peer].skills.size() - 1);
    give_back_all(peer, nullptr);
}

void naive_broker::pre_sleep(int peer) {
    if (peers_[peer].grab_is_open) say(peer, "NO_JOB");
    stop_sleeping(peer);
    peer_state& p = peers_[peer];
    if (const auto best = best_skill(p)) {
        count_on(p, p.skills[*best].function);
        return say(peer, "NOOP");
    }
    p.asleep = true;
    for (auto& s : p.skills) s.turn = ++turn_;
}

void naive_broker::all_yours(int peer) {
    peer_state& p = peers_[peer];
    if (p.grab_is_open) return say(peer, "NO_JOB");
    const bool has_job = hand_job(p, peer, grab_kind::unique);
    stop_sleeping(peer);
    if (has_job) return;
    p.grab_is_open = true;
    for (auto& s : p.skills) s.turn = ++turn_;
}

void naive_broker::grab(int peer, grab_kind kind) {
    peers_[peer].excepted = 0;
    if (!hand_job(peers_[peer], peer, kind)) say(peer, "NO_JOB");
    if (!peers_[peer].grab_is_open) stop_sleeping(peer);
}

bool naive_broker::hand_job(peer_state& p, int peer, grab_kind kind) {
    const auto best = best_skill(p);
    if (!best) return false;
    job& j = *next_ready(p.skills[*best].function);
    p.next_skill = *best - 1;
    j.at = phase::running;
    j.turn = ++turn_;
    j.worker = peer;
    if (p.skills[*best].timeout) j.deadline = now_ + *p.skills[*best].timeout;
    std::string line = handle(j.id) + '|' + j.what.function + '|';
    if (kind != grab_kind::plain) line += j.what.unique + '|';
    const bool reduces = kind == grab_kind::all && !j.what.reducer.empty();
    if (reduces) line += j.what.reducer + '|';
    const char* const name = kind == grab_kind::plain ? "JOB_ASSIGN "
                             : reduces                ? "JOB_ASSIGN_ALL "
                                                      : "JOB_ASSIGN_UNIQ ";
    say(peer, name + line + j.what.data);
    return true;
}

void naive_broker::submit(int peer, const words& what) {
    job* same = nullptr;
    for (auto& j : jobs_) {
        if (j.discarded || j.what.function != what.function || j.what.unique != what.unique) continue;
        if (what.unique.empty()) continue;
        if (what.unique == "-" && (what.data.empty() || j.what.data != what.data)) continue;
        same = &j;
    }
    const bool is_new = same == nullptr;
    if (is_new) {
        job made;
        made.id = next_job_++;
        made.what = what;
        if (what.background) {
            made.at = phase::uncommitted;
        } else {
            made.turn = ++turn_;
        }
        jobs_.push_back(made);
        same = &jobs_.back();
    }
    if (what.background && same->record == kept::no) {
        same->background = true;
        same->record = kept::storing;
        persisted.push_back(same->id);
    }
    listener l{peer, what.background, std::nullopt};
    if (what.background ? same->record == kept::storing : same->at == phase::uncommitted) {
        l.ticket = hold(peer);
    } else {
        say(peer, "JOB_CREATED " + handle(same->id));
    }
    if (!what.background || l.ticket) same->listeners.push_back(l);
    if (is_new && !what.background) wake(what.function);
}

void naive_broker::work(int peer, const std::string& what, std::uint64_t id, const std::string& first,
                        const std::string& second) {
    job* const j = find(id);
    if (j == nullptr || j->at != phase::running || j->worker != peer) {
        if (what == "WORK_FAIL" && peers_[peer].excepted == id && id != 0) {
            peers_[peer].excepted = 0;
            return;
        }
        if (what == "WORK_DATA" || what == "WORK_WARNING")
            return say(peer, "ERROR JOB_NOT_FOUND|Job does not exist on server");
        if (what == "WORK_EXCEPTION")
            return say(peer, "ERROR JOB_NOT_FOUND|An exception was received for a job that does not exist");
        return say(peer, "ERROR JOB_NOT_FOUND|Job given in work result not found");
    }
    const bool ends = what == "WORK_COMPLETE" || what == "WORK_FAIL" || what == "WORK_EXCEPTION";
    if (what == "WORK_EXCEPTION") peers_[peer].excepted = id;
    if (j->discarded) {
        if (ends) end(id);
        return;
    }
    if (what == "WORK_STATUS") {
        j->numerator = first;
        j->denominator = second;
        return tell(*j, what + ' ' + handle(id) + '|' + first + '|' + second);
    }
    if (what == "WORK_FAIL") {
        tell(*j, what + ' ' + handle(id));
    } else if (what == "WORK_EXCEPTION") {
        for (const auto& l : j->listeners) {
            if (l.background) continue;
            say(l.peer, peers_[l.peer].exceptions ? what + ' ' + handle(id) + '|' + first : "WORK_FAIL " + handle(id));
        }
    } else {
        tell(*j, what + ' ' + handle(id) + '|' + first);
    }
    if (ends) end(id);
}

void naive_broker::exceptions(int peer) {
    peers_[peer].exceptions = true;
    say(peer, "OPTION_RES exceptions");
}

void naive_broker::get_status(int peer, std::uint64_t id) {
    const job* const j = find(id);
    if (j == nullptr) return say(peer, "STATUS_RES " + handle(id) + "|0|0|0|0");
    if (j->discarded) return say(peer, "STATUS_RES " + handle(id) + "|1|1|0|0");
    say(peer, "STATUS_RES " + handle(id) + "|1|" + (j->at == phase::running ? "1|" : "0|") + j->numerator + '|' +
                  j->denominator);
}

void naive_broker::get_status_unique(int peer, const std::string& unique) {
    const job* found = nullptr;
    for (const auto& j : jobs_) {
        if (!j.discarded && !unique.empty() && unique != "-" && j.what.unique == unique) found = &j;
    }
    if (found == nullptr) return say(peer, "STATUS_RES_UNIQUE " + unique + "|0|0|0|0|0");
    const auto clients = std::count_if(found->listeners.begin(), found->listeners.end(),
                                       [](const listener& l) { return !l.background; });
    say(peer, "STATUS_RES_UNIQUE " + unique + "|1|" + (found->at == phase::running ? "1|" : "0|") + found->numerator +
                  '|' + found->denominator + '|' + std::to_string(clients));
}

void naive_broker::cancel(int peer, std::uint64_t id) {
    const job* const j = find(id);
    if (j == nullptr || j->discarded) return say(peer, "ERR UNKNOWN_JOB\r");
    say(peer, "OK\r");
    fail(id);
}

void naive_broker::stored(std::uint64_t id) {
    for (const auto& [peer, ticket] : std::exchange(ended_[id], {})) settle(peer, ticket, "JOB_CREATED " + handle(id));
    job* const j = find(id);
    if (j == nullptr || j->record != kept::storing) return;
    j->record = kept::yes;
    acknowledge_all(*j);
    if (j->at == phase::uncommitted) become_due(*j, j->what.run_at);
}

void naive_broker::store_failed(std::uint64_t id, const std::string& why) {
    for (const auto& [peer, ticket] : std::exchange(ended_[id], {})) {
        settle(peer, ticket, "ERROR QUEUE_ERROR|" + why);
    }
    job* const j = find(id);
    if (j == nullptr || j->record != kept::storing) return;
    j->record = kept::no;
    j->background = false;
    for (auto& l : j->listeners) {
        if (l.ticket && l.background) settle(l.peer, *l.ticket, "ERROR QUEUE_ERROR|" + why);
        if (l.ticket && !l.background) settle(l.peer, *l.ticket, "JOB_CREATED " + handle(id));
        l.ticket.reset();
    }
    std::erase_if(j->listeners, [](const listener& l) { return l.background; });
    if (j->at == phase::running) return;
    if (!wanted(*j)) return end(id);
    if (j->at == phase::uncommitted) become_due(*j, 0);
}

void naive_broker::passes(std::int64_t time) {
    now_ += time;
    std::vector<std::pair<std::int64_t, std::uint64_t>> due;
    for (const auto& j : jobs_) {
        if (j.at == phase::scheduled && j.what.run_at <= now_) due.emplace_back(j.what.run_at, j.id);
    }
    std::sort(due.begin(), due.end());
    for (const auto& [at, id] : due) become_due(*find(id), 0);
    std::vector<std::pair<std::int64_t, std::uint64_t>> late;
    for (const auto& j : jobs_) {
        if (j.at == phase::running && j.deadline && *j.deadline <= now_) late.emplace_back(*j.deadline, j.id);
    }
    std::sort(late.begin(), late.end());
    for (const auto& [at, id] : late) fail(id);
    std::vector<std::pair<std::uint64_t, int>> slow;
    for (const auto& [number, p] : peers_) {
        if (!p.woken_for.empty() && p.patience_ends <= now_) slow.emplace_back(p.woken_turn, number);
    }
    std::sort(slow.begin(), slow.end());
    for (const auto& [turn, number] : slow) wake(std::exchange(peers_[number].woken_for, ""));
}

}  // namespace sheaf::test
