#include "integration/interop/stage.hpp"

#include <algorithm>
#include <random>

#include "integration/interop/lacks.hpp"
#include "support/eventually.hpp"

namespace sheaf::test::interop {
namespace {

using protocol::packet_type;

std::string from_hex(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    return bytes;
}

/// A client's line as outcomes have it: without the handle, and with bytes in place of their digits.
std::string readable(const std::string& line) {
    const std::string word = line.substr(0, line.find(' '));
    if (word == "created") return word;
    if (word != "data" && word != "warning" && word != "complete" && word != "exception") return line;
    return word + " " + from_hex(line.substr(std::min(line.size(), word.size() + 1)));
}

outcome all_lines(process& child) {
    outcome lines;
    while (auto line = child.read_line()) lines.push_back(readable(*line));
    if (child.wait() != 0) lines.push_back("the client ended badly: " + child.error_output());
    return lines;
}

/// Every byte there is, in no order.
std::string noise(std::size_t size) {
    std::minstd_rand random(1);
    std::string bytes(size, '\0');
    std::ranges::generate(bytes, [&] { return static_cast<char>(random() >> 8); });
    return bytes;
}

}  // namespace

stage::stage(server where, peer worker) : server_(where), worker_(worker) {
    if (where == server::sheafd) {
        ours_ = std::make_unique<sheafd_process>();
        where_ = ours_->where();
    } else {
        stock_ = std::make_unique<gearmand_process>();
        where_ = stock_->where();
    }
    port_ = std::to_string(where_.port);
    for (const auto& how : worker_commands(worker, port_)) workers_.push_back(std::make_unique<process>(how));
    asker_ = std::make_unique<raw_peer>(where_);
}

outcome stage::show(feature which, peer client) {
    switch (which) {
        case feature::foreground: return call(client, "reverse", "hello");
        case feature::background: return background(client);
        case feature::data: return call(client, "chunks", "hello");
        case feature::warning: return call(client, "warn", "hello");
        case feature::exception: return exception(client);
        case feature::failure: return call(client, "fail", "hello");
        case feature::status: return call(client, "progress", "hello");
        case feature::job_status: return job_status(client);
        case feature::priority: return priority(client);
        case feature::unique: return unique(client);
        case feature::key: return key(client);
        case feature::large: return large(client);
    }
    return {};
}

process stage::start(peer client, const std::string& function, const std::string& payload,
                     std::vector<std::string> words) {
    words.insert(words.begin(), {function, write_file(files_ / std::to_string(++files_written_), payload)});
    return process(client_command(client, port_, words));
}

outcome stage::call(peer client, const std::string& function, const std::string& payload,
                    std::vector<std::string> words) {
    process child = start(client, function, payload, std::move(words));
    return all_lines(child);
}

outcome stage::exception(peer client) {
    const bool endless = expected(server_, feature::exception, client, worker_) == outcome{std::string(waits_for_ever)};
    return call(client, "throw", "hello",
                endless ? std::vector<std::string>{"timeout=1000"} : std::vector<std::string>{});
}

outcome stage::background(peer client) {
    outcome seen = call(client, "log", "hello", {"background"});
    seen.push_back("ran " + next_run());
    return seen;
}

outcome stage::job_status(peer client) {
    process child = start(client, "progress", "hold", {"background", "status"});
    const std::string created = child.read_line().value_or("");
    outcome seen{readable(created)};
    (void)next_line("progress", "holding");
    // Some clients put the server's address before the handle.
    const std::string handle = created.substr(std::min(created.find("H:"), created.size()));
    if (find_lack(server_, worker_, role::worker, feature::status) == nullptr) wait_for_status(handle);
    child.write("now\n");
    const outcome told = all_lines(child);
    release("progress");
    seen.insert(seen.end(), told.begin(), told.end());
    return seen;
}

outcome stage::priority(peer client) {
    hold();
    (void)call(client, "log", "low", {"background", "priority=low"});
    (void)call(client, "log", "normal", {"background"});
    (void)call(client, "log", "high", {"background", "priority=high"});
    release();
    (void)next_run();
    outcome seen;
    for (int i = 0; i < 3; ++i) seen.push_back("ran " + next_run());
    return seen;
}

outcome stage::unique(peer client) {
    hold();
    process first = start(client, "log", "first", {"unique=both"});
    wait_for_clients("both", 1);
    process second = start(client, "log", "second", {"unique=both"});
    wait_for_clients("both", 2);
    release();
    (void)next_run();
    outcome seen = all_lines(first);
    const outcome others = all_lines(second);
    seen.insert(seen.end(), others.begin(), others.end());

    asker_->send<packet_type::submit_job_bg>("log", "", "last");
    (void)asker_->expect(packet_type::job_created);
    for (std::string payload = next_run(); payload != "last"; payload = next_run()) seen.push_back("ran " + payload);
    return seen;
}

outcome stage::key(peer client) {
    outcome seen = call(client, "log", "hello", {"unique=key"});
    seen.push_back("ran " + next_run(true));
    return seen;
}

outcome stage::large(peer client) {
    const std::string sent = noise(1 << 20);
    outcome seen = call(client, "reverse", sent);
    for (std::string& line : seen) {
        constexpr std::string_view word = "complete ";
        if (!line.starts_with(word)) continue;
        const bool reversed = std::ranges::equal(line.begin() + word.size(), line.end(), sent.rbegin(), sent.rend());
        line = reversed ? "complete with the bytes reversed" : "complete with other bytes";
    }
    return seen;
}

process& stage::worker_of(std::string_view function) {
    if (workers_.size() == 1) return *workers_.front();
    return *workers_.at(static_cast<std::size_t>(std::ranges::find(functions, function) - functions.begin()));
}

std::string stage::next_line(std::string_view function, std::string_view begins) {
    process& worker = worker_of(function);
    const std::string line = worker.read_line().value_or("");
    if (!line.starts_with(begins)) {
        throw peer_failure("the worker printed \"" + line + "\" in place of " + std::string(begins) +
                           "; it said: " + worker.error_output());
    }
    return line.substr(begins.size());
}

std::string stage::next_run(bool with_key) {
    const std::string line = next_line("log", "ran ");
    const auto blank = line.find(' ');
    std::string payload = line.substr(blank + 1);
    if (with_key && blank > 0) payload += " with " + line.substr(0, blank);
    return payload;
}

void stage::hold() {
    asker_->send<packet_type::submit_job_bg>("log", "", "hold");
    (void)asker_->expect(packet_type::job_created);
    (void)next_line("log", "holding");
}

void stage::release(std::string_view function) { worker_of(function).write("go on\n"); }

// A worker tells its status without waiting for the server to have it.
void stage::wait_for_status(const std::string& handle) {
    const bool there = eventually([&] {
        asker_->send<packet_type::get_status>(handle);
        return asker_->expect(packet_type::status_res).arguments.at(3) == "1";
    });
    if (!there) throw peer_failure("the server does not know the status of " + handle);
}

void stage::wait_for_clients(const std::string& unique, int count) {
    const bool there = eventually([&] {
        asker_->send<packet_type::get_status_unique>(unique);
        return asker_->expect(packet_type::status_res_unique).arguments.at(5) == std::to_string(count);
    });
    if (!there) throw peer_failure("not " + std::to_string(count) + " clients wait for " + unique);
}

}  // namespace sheaf::test::interop
