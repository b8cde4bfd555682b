// The one table of Gearman's packets: number, name, who sends it, and what it carries.
//
// Encoder, decoder, log texts, fuzz dictionary and docs are derived from `packet_table`; nothing else knows a packet's
// number or how many arguments it has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sheaf::protocol {

/// Gearman's packet types, by their names in its PROTOCOL document. The numbers are the wire's.
enum class packet_type : std::uint32_t {
    can_do = 1,
    cant_do = 2,
    reset_abilities = 3,
    pre_sleep = 4,
    unused_5 = 5,
    noop = 6,
    submit_job = 7,
    job_created = 8,
    grab_job = 9,
    no_job = 10,
    job_assign = 11,
    work_status = 12,
    work_complete = 13,
    work_fail = 14,
    get_status = 15,
    echo_req = 16,
    echo_res = 17,
    submit_job_bg = 18,
    error = 19,
    status_res = 20,
    submit_job_high = 21,
    set_client_id = 22,
    can_do_timeout = 23,
    all_yours = 24,
    work_exception = 25,
    option_req = 26,
    option_res = 27,
    work_data = 28,
    work_warning = 29,
    grab_job_uniq = 30,
    job_assign_uniq = 31,
    submit_job_high_bg = 32,
    submit_job_low = 33,
    submit_job_low_bg = 34,
    submit_job_sched = 35,
    submit_job_epoch = 36,
    submit_reduce_job = 37,
    submit_reduce_job_background = 38,
    grab_job_all = 39,
    job_assign_all = 40,
    get_status_unique = 41,
    status_res_unique = 42,
};

/// Who may send a packet, as a bit set.
enum class sender : std::uint8_t {
    nobody = 0,
    client = 1,
    worker = 2,
    server = 4,
    peer = client | worker,
};

constexpr bool includes(sender set, sender one) noexcept {
    return (static_cast<std::uint8_t>(set) & static_cast<std::uint8_t>(one)) != 0;
}
constexpr sender operator|(sender a, sender b) noexcept {
    return static_cast<sender>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}

/// The most NUL-separated arguments that any packet has (SUBMIT_JOB_SCHED).
inline constexpr std::size_t max_arguments = 7;

/// One row of the table.
struct packet_info {
    packet_type type{};
    std::string_view name;
    sender from = sender::nobody;  ///< who sends it; WORK_* go from worker to server and on to clients
    std::uint8_t arguments = 0;    ///< how many NUL-separated arguments come before the data
    bool has_data = false;         ///< whether bytes of any kind follow the last argument's NUL
    std::array<std::string_view, max_arguments> argument_names{};
};

namespace detail {
inline constexpr sender relayed = sender::worker | sender::server;
}

// clang-format off
inline constexpr std::array<packet_info, 42> packet_table = {{
    {packet_type::can_do, "CAN_DO", sender::worker, 1, false, {"function"}},
    {packet_type::cant_do, "CANT_DO", sender::worker, 1, false, {"function"}},
    {packet_type::reset_abilities, "RESET_ABILITIES", sender::worker, 0, false, {}},
    {packet_type::pre_sleep, "PRE_SLEEP", sender::worker, 0, false, {}},
    {packet_type::unused_5, "UNUSED", sender::nobody, 0, false, {}},
    {packet_type::noop, "NOOP", sender::server, 0, false, {}},
    {packet_type::submit_job, "SUBMIT_JOB", sender::client, 2, true, {"function", "unique"}},
    {packet_type::job_created, "JOB_CREATED", sender::server, 1, false, {"handle"}},
    {packet_type::grab_job, "GRAB_JOB", sender::worker, 0, false, {}},
    {packet_type::no_job, "NO_JOB", sender::server, 0, false, {}},
    {packet_type::job_assign, "JOB_ASSIGN", sender::server, 2, true, {"handle", "function"}},
    {packet_type::work_status, "WORK_STATUS", detail::relayed, 3, false, {"handle", "numerator", "denominator"}},
    {packet_type::work_complete, "WORK_COMPLETE", detail::relayed, 1, true, {"handle"}},
    {packet_type::work_fail, "WORK_FAIL", detail::relayed, 1, false, {"handle"}},
    {packet_type::get_status, "GET_STATUS", sender::client, 1, false, {"handle"}},
    {packet_type::echo_req, "ECHO_REQ", sender::peer, 0, true, {}},
    {packet_type::echo_res, "ECHO_RES", sender::server, 0, true, {}},
    {packet_type::submit_job_bg, "SUBMIT_JOB_BG", sender::client, 2, true, {"function", "unique"}},
    {packet_type::error, "ERROR", sender::server, 2, false, {"code", "text"}},
    {packet_type::status_res, "STATUS_RES", sender::server, 5, false, {"handle", "known", "running", "numerator", "denominator"}},
    {packet_type::submit_job_high, "SUBMIT_JOB_HIGH", sender::client, 2, true, {"function", "unique"}},
    {packet_type::set_client_id, "SET_CLIENT_ID", sender::peer, 1, false, {"id"}},
    {packet_type::can_do_timeout, "CAN_DO_TIMEOUT", sender::worker, 2, false, {"function", "timeout"}},
    {packet_type::all_yours, "ALL_YOURS", sender::worker, 0, false, {}},
    {packet_type::work_exception, "WORK_EXCEPTION", detail::relayed, 1, true, {"handle"}},
    {packet_type::option_req, "OPTION_REQ", sender::peer, 1, false, {"option"}},
    {packet_type::option_res, "OPTION_RES", sender::server, 1, false, {"option"}},
    {packet_type::work_data, "WORK_DATA", detail::relayed, 1, true, {"handle"}},
    {packet_type::work_warning, "WORK_WARNING", detail::relayed, 1, true, {"handle"}},
    {packet_type::grab_job_uniq, "GRAB_JOB_UNIQ", sender::worker, 0, false, {}},
    {packet_type::job_assign_uniq, "JOB_ASSIGN_UNIQ", sender::server, 3, true, {"handle", "function", "unique"}},
    {packet_type::submit_job_high_bg, "SUBMIT_JOB_HIGH_BG", sender::client, 2, true, {"function", "unique"}},
    {packet_type::submit_job_low, "SUBMIT_JOB_LOW", sender::client, 2, true, {"function", "unique"}},
    {packet_type::submit_job_low_bg, "SUBMIT_JOB_LOW_BG", sender::client, 2, true, {"function", "unique"}},
    {packet_type::submit_job_sched, "SUBMIT_JOB_SCHED", sender::client, 7, true, {"function", "unique", "minute", "hour", "day", "month", "weekday"}},
    {packet_type::submit_job_epoch, "SUBMIT_JOB_EPOCH", sender::client, 3, true, {"function", "unique", "epoch"}},
    {packet_type::submit_reduce_job, "SUBMIT_REDUCE_JOB", sender::client, 4, true, {"function", "unique", "reducer", "aggregate"}},
    {packet_type::submit_reduce_job_background, "SUBMIT_REDUCE_JOB_BACKGROUND", sender::client, 4, true, {"function", "unique", "reducer", "aggregate"}},
    {packet_type::grab_job_all, "GRAB_JOB_ALL", sender::worker, 0, false, {}},
    {packet_type::job_assign_all, "JOB_ASSIGN_ALL", sender::server, 4, true, {"handle", "function", "unique", "reducer"}},
    {packet_type::get_status_unique, "GET_STATUS_UNIQUE", sender::client, 1, false, {"unique"}},
    {packet_type::status_res_unique, "STATUS_RES_UNIQUE", sender::server, 6, false, {"unique", "known", "running", "numerator", "denominator", "clients"}},
}};
// clang-format on

namespace detail {
consteval bool table_is_in_order() {
    for (std::size_t i = 0; i < packet_table.size(); ++i) {
        if (static_cast<std::size_t>(packet_table[i].type) != i + 1) return false;
    }
    return true;
}
static_assert(table_is_in_order(), "row i describes packet i + 1");
}  // namespace detail

/// Whether `number` is one of Gearman's packet types.
constexpr bool is_packet_type(std::uint32_t number) noexcept { return number >= 1 && number <= packet_table.size(); }

/// The row of `type`, which must be one of the enumerators.
constexpr const packet_info& info(packet_type type) noexcept {
    return packet_table[static_cast<std::size_t>(type) - 1];
}

/// How many of a packet's arguments end with a NUL on the wire: all, but for the last of a packet without data.
constexpr std::size_t terminated_arguments(const packet_info& row) noexcept {
    return row.has_data || row.arguments == 0 ? row.arguments : row.arguments - 1U;
}

}  // namespace sheaf::protocol
