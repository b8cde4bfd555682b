#include "protocol/admin.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/packet_bytes.hpp"

namespace sheaf::protocol {
namespace {

using namespace admin;

// A request in words: the alternative's name and its fields.
struct describe {
    std::string operator()(const status&) const { return "status"; }
    std::string operator()(const priority_status&) const { return "priority_status"; }
    std::string operator()(const workers&) const { return "workers"; }
    std::string operator()(const show_jobs&) const { return "show_jobs"; }
    std::string operator()(const show_unique_jobs&) const { return "show_unique_jobs"; }
    std::string operator()(const cancel_job& r) const { return "cancel_job " + std::string(r.handle); }
    std::string operator()(const max_queue& r) const {
        std::string text = "max_queue " + std::string(r.function);
        for (const std::uint32_t limit : r.limits) text += " " + std::to_string(limit);
        return text;
    }
    std::string operator()(const create_function& r) const { return "create_function " + std::string(r.function); }
    std::string operator()(const drop_function& r) const { return "drop_function " + std::string(r.function); }
    std::string operator()(const get_pid&) const { return "get_pid"; }
    std::string operator()(const verbose&) const { return "verbose"; }
    std::string operator()(const version&) const { return "version"; }
    std::string operator()(const perl_jobs&) const { return "perl_jobs"; }
    std::string operator()(const perl_clients&) const { return "perl_clients"; }
    std::string operator()(const shutdown& r) const {
        return (r.graceful ? "graceful shutdown " : "shutdown ") + std::string(r.word);
    }
    std::string operator()(const malformed& r) const { return r.reply; }
};

std::string read(std::string_view line) { return std::visit(describe{}, parse_admin(line)); }

struct line_case {
    std::string_view line;
    std::string_view meaning;
};

void check(std::initializer_list<line_case> cases) {
    for (const line_case& c : cases) EXPECT_EQ(read(c.line), c.meaning) << "line: " << c.line;
}

TEST(parse_admin, every_command_is_known_in_any_case_and_spacing) {
    check({
        {"status", "status"},
        {"STATUS", "status"},
        {"  Status  ", "status"},
        {"status of all things there are", "status"},
        {"prioritystatus", "priority_status"},
        {"workers", "workers"},
        {"show jobs", "show_jobs"},
        {"Show   Jobs ", "show_jobs"},
        {"show unique jobs", "show_unique_jobs"},
        {"cancel job H:host:1", "cancel_job H:host:1"},
        {"create function Reverse", "create_function Reverse"},
        {"drop function Reverse", "drop_function Reverse"},
        {"getpid", "get_pid"},
        {"verbose", "verbose"},
        {"version", "version"},
        {"jobs", "perl_jobs"},
        {"Clients", "perl_clients"},
        {"shutdown", "shutdown shutdown"},
        {"SHUTDOWN graceful", "graceful shutdown SHUTDOWN"},
    });
}

TEST(parse_admin, maxqueue_limits_are_read_as_gearmand_reads_them) {
    check({
        {"maxqueue f", "max_queue f 0 0 0"},
        {"maxqueue f 10", "max_queue f 10 10 10"},
        {"maxqueue f -1", "max_queue f 0 0 0"},
        {"maxqueue f 1 2", "max_queue f 1 2 0"},
        {"maxqueue f 1 2 3", "max_queue f 1 2 3"},
        {"maxqueue f 12abc", "max_queue f 12 12 12"},
        {"maxqueue f many", "max_queue f 0 0 0"},
        {"maxqueue f 99999999999", "max_queue f 2147483647 2147483647 2147483647"},
        {"maxqueue f 99999999999999999999", "max_queue f 2147483647 2147483647 2147483647"},
        {"maxqueue f -99999999999999999999", "max_queue f 0 0 0"},
    });
}

TEST(parse_admin, mistakes_are_answered_with_gearmands_texts) {
    check({
        {"", "ERR UNKNOWN_COMMAND Unknown+server+command\r\n"},
        {"nonsense", "ERR UNKNOWN_COMMAND Unknown+server+commandnonsense\r\n"},
        {"statuses", "ERR UNKNOWN_COMMAND Unknown+server+commandstatuses\r\n"},
        {"stat", "ERR UNKNOWN_COMMAND Unknown+server+commandstat\r\n"},
        {"show", "ERR UNKNOWN_COMMAND Unknown+server+commandshow\r\n"},
        {"Show workers", "ERR UNKNOWN_SHOW_ARGUMENTS\r\n"},
        {"show jobs please", "ERR UNKNOWN_SHOW_ARGUMENTS\r\n"},
        {"cancel", "ERR UNKNOWN_COMMAND Unknown+server+commandcancel\r\n"},
        {"cancel job", "ERR UNKNOWN_COMMAND Unknown+server+commandcancel\r\n"},
        {"cancel x y", "ERR UNKNOWN_ERROR\r\n"},
        {"cancel job H:1 now", "ERR UNKNOWN_ERROR\r\n"},
        {"maxqueue", "ERR INVALID_ARGUMENTS An+incomplete+set+of+arguments+was+sent+to+this+command+maxqueue\r\n"},
        {"maxqueue f 1 2 3 4",
         "ERR INVALID_ARGUMENTS An+incomplete+set+of+arguments+was+sent+to+this+command+maxqueue\r\n"},
        {"create x", "ERR INVALID_ARGUMENTS An+incomplete+set+of+arguments+was+sent+to+this+command+create\r\n"},
        {"drop function", "ERR INVALID_ARGUMENTS An+incomplete+set+of+arguments+was+sent+to+this+command+drop\r\n"},
        {"shutdown now", "ERR UNKNOWN_COMMAND Unknown+server+commandshutdown\r\n"},
    });
}

TEST(parse_admin, control_characters_do_not_come_back_in_an_answer) {
    EXPECT_EQ(read("a\tb\x7f"), "ERR UNKNOWN_COMMAND Unknown+server+commanda?b?\r\n");
}

TEST(admin_replies, rows_are_gearmands) {
    output_buffer out;
    append_status(out, "reverse", {.total = 12, .running = 2, .workers = 3});
    append_priority_status(out, "reverse", {1, 20, 300}, 4);
    append_job(out, "H:host:7", 2, true, false);
    append_job(out, "H:host:8", 0, false, true);
    append_unique(out, "key");
    append_unique(out, "");
    append_worker(out, 37, "127.0.0.1", "-", std::vector<std::string>{});
    append_worker(out, 38, "::1", "name", std::vector<std::string>{"a", "b"});
    append_end(out);
    EXPECT_EQ(test::take_all(out),
              "reverse\t12\t2\t3\n"
              "reverse\t1\t20\t300\t4\n"
              "H:host:7\t2\t1\t0\n"
              "H:host:8\t0\t0\t1\n"
              "key\n"
              "\n"
              "37 127.0.0.1 - :\n"
              "38 ::1 name : a b\n"
              ".\n");
}

TEST(admin_replies, answers_are_gearmands) {
    output_buffer out;
    append_ok(out);
    append_ok_line(out, "1.1.20");
    append_unknown_job(out);
    append_function_not_found(out);
    append_function_in_use(out);
    append_unknown_command(out, "Shutdown");
    EXPECT_EQ(test::take_all(out),
              "OK\r\n"
              "OK 1.1.20\n"
              "ERR UNKNOWN_JOB\r\n"
              "ERR function not found\r\n"
              "ERR there are still connected workers or executing clients\r\n"
              "ERR UNKNOWN_COMMAND Unknown+server+commandShutdown\r\n");
}

TEST(admin_replies, a_name_cannot_forge_a_row) {
    output_buffer out;
    append_status(out, "f\t0\t0\t0\n.\n", {});
    append_worker(out, 1, "unix", "id\n", std::vector<std::string_view>{"f\r\n"});
    EXPECT_EQ(test::take_all(out), "f?0?0?0?.?\t0\t0\t0\n1 unix id? : f??\n");
}

}  // namespace
}  // namespace sheaf::protocol
