#include "client/query_table.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/parse_number.hpp"
#include "protocol/encode.hpp"

namespace sheaf::runtime {
namespace {

using protocol::packet_type;

// Stock gearmand answers a longer handle with nothing at all.
constexpr std::size_t handle_bytes_max = 63;
// What servers take for a unique key.
constexpr std::size_t unique_bytes_max = 64;
// What a text command's answer may hold.
constexpr std::size_t admin_answer_bytes_max = std::size_t{64} << 20;

std::string_view first_word(std::string_view line) {
    const std::size_t start = std::min(line.find_first_not_of(" \t"), line.size());
    return line.substr(start, line.find_first_of(" \t", start) - start);
}

bool same_word(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + ('a' - 'A')) : x) == y;
           });
}

job_status read_status(const protocol::packet_view& packet) {
    const auto number = [&](std::size_t i) { return parse_number<std::uint64_t>(packet[i]).value_or(0); };
    const bool has_clients = packet.type == packet_type::status_res_unique;
    return {packet[1] == "1", packet[2] == "1", number(3), number(4), has_clients ? number(5) : 0};
}

bool answers_with_a_list(std::string_view command) {
    const std::string_view word = first_word(command);
    return same_word(word, "status") || same_word(word, "prioritystatus") || same_word(word, "workers") ||
           same_word(word, "show");
}

}  // namespace

std::optional<error> refuse_query(const query& asked) {
    switch (asked.what) {
        case query::kind::status:
            if (asked.text.empty() || asked.text.size() > handle_bytes_max ||
                asked.text.find('\0') != std::string::npos) {
                return error{errc::invalid_argument,
                             "'" + asked.text + "' is not a job handle: those have 1 to 63 bytes"};
            }
            break;
        case query::kind::status_unique:
            if (asked.text.empty() || asked.text.size() > unique_bytes_max ||
                asked.text.find('\0') != std::string::npos) {
                return error{errc::invalid_argument,
                             "'" + asked.text + "' is not a unique key that servers know: those have 1 to 64 bytes"};
            }
            break;
        case query::kind::admin:
            if (first_word(asked.text).empty() ||
                asked.text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
                return error{errc::invalid_argument, "an admin command is one line that is not empty"};
            }
            break;
        case query::kind::echo:
        case query::kind::option: break;
    }
    return std::nullopt;
}

query_id query_table::add(query asked) {
    pending_.push_back({++last_id_, std::move(asked), nowhere, {}, {}, 0});
    return last_id_;
}

bool query_table::waits_for(std::size_t server) const noexcept {
    return std::any_of(pending_.begin(), pending_.end(), [server](const entry& e) { return e.server == server; });
}

std::vector<query_id> query_table::unsent() const {
    std::vector<query_id> found;
    for (const entry& e : pending_) {
        if (e.server == nowhere) found.push_back(e.id);
    }
    return found;
}

const query& query_table::operator[](query_id id) const { return pending_.at(position(id)).asked; }

bool query_table::was_asked(query_id id, std::size_t server) const {
    const auto& before = pending_.at(position(id)).asked_before;
    return std::find(before.begin(), before.end(), server) != before.end();
}

void query_table::send(query_id id, std::size_t server, protocol::output_buffer& out) {
    entry& e = pending_.at(position(id));
    e.server = server;
    switch (e.asked.what) {
        case query::kind::status: return protocol::write_request<packet_type::get_status>(out, e.asked.text);
        case query::kind::status_unique:
            return protocol::write_request<packet_type::get_status_unique>(out, e.asked.text);
        case query::kind::echo: return protocol::write_request<packet_type::echo_req>(out, e.asked.text);
        case query::kind::option: return protocol::write_request<packet_type::option_req>(out, e.asked.text);
        case query::kind::admin:
            out.append(e.asked.text);
            out.append("\n");
            return;
    }
}

void query_table::send_unheard(std::string_view command, std::size_t server, protocol::output_buffer& out) {
    out.append(command);
    out.append("\n");
    const auto last = std::find_if(pending_.rbegin(), pending_.rend(), [server](const entry& e) {
        return e.server == server && e.asked.what == query::kind::admin;
    });
    if (last != pending_.rend() && last->unheard != 0) {
        ++last->unheard;
        return;
    }
    pending_.push_back({++last_id_, {query::kind::admin, {}, {}, nullptr, server}, server, {}, {}, 1});
}

void query_table::on_status(std::size_t server, const protocol::packet_view& packet,
                            const std::function<bool(query_id)>& more) {
    const auto what = packet.type == packet_type::status_res ? query::kind::status : query::kind::status_unique;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        entry& e = pending_[i];
        if (e.server != server || e.asked.what != what || e.asked.text != packet[0]) continue;
        query_answer answer;
        answer.status = read_status(packet);
        e.asked_before.push_back(server);
        if (!answer.status.known && e.asked.goes_round() && more(e.id)) {
            e.server = nowhere;
            return;
        }
        return finish(i, std::move(answer));
    }
}

void query_table::on_echo(std::size_t server, std::string_view data) {
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        const entry& e = pending_[i];
        if (e.server != server || e.asked.what != query::kind::echo || e.asked.text != data) continue;
        return finish(i, query_answer{});
    }
}

// Answers in text have no id: they come in the order of the commands.
void query_table::on_line(std::size_t server, std::string_view line) {
    const std::size_t i = first(server, query::kind::admin);
    if (i == pending_.size()) return;
    entry& e = pending_[i];
    if (e.unheard > 1) {
        --e.unheard;
        return;
    }
    const bool is_list = answers_with_a_list(e.asked.text);
    const bool refused = e.text.empty() && line.starts_with("ERR ");
    if (is_list && !refused && line != ".") {
        if (e.asked.done && e.text.size() + line.size() < admin_answer_bytes_max) e.text.append(line).append("\n");
        return;
    }
    if (!is_list || refused) e.text.assign(line).append("\n");
    query_answer answer;
    answer.text = std::move(e.text);
    finish(i, std::move(answer));
}

void query_table::on_option(query_id id, bool granted) {
    const std::size_t i = position(id);
    if (i == pending_.size()) return;
    query_answer answer;
    answer.granted = granted;
    finish(i, std::move(answer));
}

void query_table::unreachable(std::size_t server, const error& why) {
    for (std::size_t i = 0; i < pending_.size();) {
        if (pending_[i].server == nowhere && pending_[i].asked.only_server == server) {
            finish(i, error{errc::connection_failed, why.message});
        } else {
            ++i;
        }
    }
}

void query_table::lost(std::size_t server, const error& why) {
    for (std::size_t i = 0; i < pending_.size();) {
        if (pending_[i].server == server) {
            finish(i, error{errc::connection_lost, why.message});
        } else {
            ++i;
        }
    }
}

void query_table::expire(std::chrono::steady_clock::time_point now) {
    for (std::size_t i = 0; i < pending_.size();) {
        entry& e = pending_[i];
        if (!e.asked.done || e.asked.deadline > now) {
            ++i;
            continue;
        }
        const error late = e.server == nowhere
                               ? error{errc::connection_failed, "no server could be reached within the time given"}
                               : error{errc::timeout, "the server did not answer within the time given"};
        // The answer to a text command or option may still come, and must not be taken for the next one's.
        const bool has_place =
            e.server != nowhere && (e.asked.what == query::kind::admin || e.asked.what == query::kind::option);
        if (has_place) {
            std::exchange(e.asked.done, nullptr)(late);
            ++i;
        } else {
            finish(i, late);
        }
    }
}

std::chrono::steady_clock::time_point query_table::next_deadline() const noexcept {
    auto earliest = std::chrono::steady_clock::time_point::max();
    for (const entry& e : pending_) {
        if (e.asked.done) earliest = std::min(earliest, e.asked.deadline);
    }
    return earliest;
}

void query_table::end_all(const error& why) {
    while (!pending_.empty()) finish(pending_.size() - 1, why);
}

std::size_t query_table::position(query_id id) const noexcept {
    const auto found = std::find_if(pending_.begin(), pending_.end(), [id](const entry& e) { return e.id == id; });
    return static_cast<std::size_t>(found - pending_.begin());
}

std::size_t query_table::first(std::size_t server, query::kind what) const noexcept {
    const auto found = std::find_if(pending_.begin(), pending_.end(), [server, what](const entry& e) {
        return e.server == server && e.asked.what == what;
    });
    return static_cast<std::size_t>(found - pending_.begin());
}

void query_table::finish(std::size_t at, basic_result<query_answer> answer) {
    const auto done = std::move(pending_[at].asked.done);
    pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(at));
    if (done) done(std::move(answer));
}

}  // namespace sheaf::runtime
