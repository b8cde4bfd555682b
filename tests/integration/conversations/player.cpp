#include "player.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <utility>

#include "support/packet_bytes.hpp"

namespace sheaf::test {
namespace {

using protocol::packet_type;

packet_type type_called(const std::string& name) {
    const auto* const found = std::ranges::find(protocol::packet_table, name, &protocol::packet_info::name);
    if (found == protocol::packet_table.end()) throw std::runtime_error("there is no packet " + name);
    return found->type;
}

// NUL as a bar, and whatever cannot be read as \xNN.
std::string readable(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        char code[8];
        std::snprintf(code, sizeof code, "\\x%02x", byte);
        if (c == '\0') {
            text += '|';
        } else if (byte < 0x20 || byte > 0x7e) {
            text += c == '\t' ? "\\t" : c == '\r' ? "\\r" : code;
        } else {
            text += c;
        }
    }
    return text;
}

bool has_handle_first(packet_type type) {
    using enum packet_type;
    return type == job_created || type == job_assign || type == job_assign_uniq || type == job_assign_all;
}

// A row of `workers`, whose descriptor is another with each server.
std::string without_descriptor(std::string row) {
    const std::size_t digits = row.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string::npos || row[digits] != ' ' || row.find(" :") == std::string::npos)
        return row;
    return "FD" + row.substr(digits);
}

constexpr std::string_view probe_id = "the-probe";

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

}  // namespace

player::player(endpoint server) : server_(std::move(server)), probe_(server_) {
    probe_.send<packet_type::set_client_id>(probe_id);
}

std::vector<std::string> player::play(const step& next) {
    peer& who = peer_called(next.peer);
    std::vector<std::string> heard;
    if (next.what == step::kind::leaves) {
        who.connection->close();
        who.is_open = false;
        wait_until_gone();
    } else if (who.connection->try_send(bytes_of(next))) {
        listen_to(next.peer, heard);
    }
    // The server has done all that this step makes it do: what others are told is on its way to them.
    for (const auto& [name, other] : peers_) {
        if (other.is_open && name != next.peer) listen_to(name, heard);
    }
    return heard;
}

player::peer& player::peer_called(const std::string& name) {
    peer& found = peers_[name];
    if (found.connection == nullptr) {
        found.connection = std::make_unique<raw_peer>(server_);
        std::vector<std::string> nothing;
        listen_to(name, nothing);
    }
    return found;
}

std::string player::bytes_of(const step& next) const {
    std::string body = expand(next.text);
    if (next.what == step::kind::bytes) return body;
    if (next.what == step::kind::line) return body + "\r\n";
    const auto way = next.what == step::kind::response ? protocol::direction::response : protocol::direction::request;
    const auto type = static_cast<std::uint32_t>(type_called(next.packet));
    return header(type, static_cast<std::uint32_t>(body.size()), protocol::magic(way)) + body;
}

std::string player::expand(const std::string& text) const {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '|') {
            bytes += '\0';
        } else if (text.compare(i, 2, "\\x") == 0) {
            bytes += static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16));
            i += 3;
        } else if (text[i] == '{') {
            const std::size_t end = text.find('}', i);
            const std::string inside = text.substr(i + 1, end - i - 1);
            if (inside.size() > 1 && inside[1] == '*') {
                bytes.append(std::stoul(inside.substr(2)), inside[0]);
            } else {
                bytes += handles_.at(std::stoul(inside) - 1);
            }
            i = end;
        } else {
            bytes += text[i];
        }
    }
    return bytes;
}

void player::listen_to(const std::string& name, std::vector<std::string>& heard) {
    peer& who = peers_.at(name);
    const std::string mark = "echo " + std::to_string(++echoes_);
    const auto size = static_cast<std::uint32_t>(mark.size());
    bool closed = !who.connection->try_send(header(static_cast<std::uint32_t>(packet_type::echo_req), size) + mark);
    const std::string answer = header(static_cast<std::uint32_t>(packet_type::echo_res), size,
                                      protocol::magic(protocol::direction::response)) +
                               mark;
    write_down(name, who.connection->receive_up_to(answer, closed), heard);
    if (!closed) return;
    heard.push_back(name + " is cut off");
    who.is_open = false;
}

void player::write_down(const std::string& name, std::string_view bytes, std::vector<std::string>& heard) {
    std::size_t list_begins = heard.size();
    while (!bytes.empty()) {
        if (bytes.front() != '\0') {
            const std::size_t end = std::min(bytes.find('\n'), bytes.size());
            const std::string row(bytes.substr(0, end));
            bytes.remove_prefix(std::min(end + 1, bytes.size()));
            if (row.find(probe_id) != std::string::npos) continue;
            heard.push_back(name + " > " + with_numbered_handles(without_descriptor(readable(row))));
            if (row == ".") std::sort(heard.begin() + static_cast<std::ptrdiff_t>(list_begins), heard.end() - 1);
            if (row == ".") list_begins = heard.size();
            continue;
        }
        const std::uint32_t size = number_at(bytes, 8);
        const auto type = static_cast<packet_type>(number_at(bytes, 4));
        heard.push_back(name + ' ' + packet_text(type, bytes.substr(protocol::header_size, size)));
        bytes.remove_prefix(std::min<std::size_t>(protocol::header_size + size, bytes.size()));
        list_begins = heard.size();
    }
}

std::string player::packet_text(packet_type type, std::string_view body) {
    if (has_handle_first(type)) {
        const std::string handle(body.substr(0, body.find('\0')));
        if (std::ranges::find(handles_, handle) == handles_.end()) handles_.push_back(handle);
    }
    const std::string name(protocol::info(type).name);
    return body.empty() ? name : name + ' ' + with_numbered_handles(readable(body));
}

std::string player::with_numbered_handles(std::string text) const {
    for (std::size_t i = 0; i < handles_.size(); ++i) {
        const std::string number = '{' + std::to_string(i + 1) + '}';
        for (std::size_t at = 0; (at = text.find(handles_[i], at)) != std::string::npos; at += number.size()) {
            const std::size_t end = at + handles_[i].size();
            if (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) continue;
            text.replace(at, handles_[i].size(), number);
        }
    }
    return text;
}

// A server may close a connection some time before it knows that the peer is gone.
void player::wait_until_gone() {
    const auto expected = 1U + static_cast<std::size_t>(
                                   std::ranges::count_if(peers_, [](const auto& one) { return one.second.is_open; }));
    const auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
        probe_.send(std::string_view("workers\n"));
        if (probe_.receive_list().size() == expected) return;
        if (std::chrono::steady_clock::now() > until) throw peer_failure("the server does not let a peer go");
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

}  // namespace sheaf::test
