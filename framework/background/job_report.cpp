#include "background/job_report.hpp"

#include <array>
#include <utility>

#include "background/report_object.hpp"

namespace sheaf::detail {
namespace {

constexpr std::array<std::pair<std::string_view, background_state>, 7> state_names{{
    {"unknown", background_state::unknown},
    {"storing", background_state::storing},
    {"delayed", background_state::delayed},
    {"queued", background_state::queued},
    {"running", background_state::running},
    {"completed", background_state::completed},
    {"failed", background_state::failed},
}};

background_state state_in(std::string_view name) {
    for (const auto& [text, state] : state_names) {
        if (text == name) return state;
    }
    return background_state::unknown;
}

background_status status_in(const object_view& about) {
    background_status status;
    status.state = state_in(about.text("state"));
    status.why = about.text("why");
    status.done = about.number<std::uint64_t>("numerator").value_or(0);
    status.total = about.number<std::uint64_t>("denominator").value_or(0);
    status.attempt = about.number<unsigned>("attempt").value_or(0);
    status.attempts = about.number<unsigned>("attempts_max").value_or(0);
    status.losses = about.number<unsigned>("losses").value_or(0);
    status.ahead = about.number<std::uint64_t>("ahead");
    status.workers = about.number<std::uint64_t>("workers");
    status.worker = about.text("worker");
    status.reason = about.text("reason");
    status.run_at = about.time("run_at_ms");
    status.ended = about.time(status.state == background_state::failed ? "died_ms" : "ended_ms");
    status.expires = about.time("expires_ms");
    status.result_bytes = about.number<std::uint64_t>("result_bytes");
    status.handle = about.text("handle");
    status.function = about.text("function");
    status.unique = about.text("unique");
    return status;
}

dead_letter letter_in(const object_view& about) {
    return {.handle = about.text("handle"),
            .function = about.text("function"),
            .unique = about.text("unique"),
            .reason = about.text("reason"),
            .worker = about.text("worker"),
            .attempts = about.number<unsigned>("attempts").value_or(0),
            .losses = about.number<unsigned>("losses").value_or(0),
            .died = about.time("died_ms"),
            .payload = about.bytes("payload"),
            .log = about.bytes("log"),
            .exception = about.bytes("exception")};
}

}  // namespace

basic_result<background_status> read_status(std::string_view json) { return with_object(json, status_in); }

bool knows_job(std::string_view json) {
    const auto status = read_status(json);
    return status && status->state != background_state::unknown;
}

basic_result<background_state> read_cancelled(std::string_view json) {
    return with_object(json, [](const object_view& about) {
        const std::string was = about.text("was");
        return state_in(was.empty() ? about.text("state") : was);
    });
}

basic_result<std::uint64_t> read_job_count(std::string_view json) {
    return with_object(json, [](const object_view& about) { return about.number<std::uint64_t>("jobs").value_or(0); });
}

basic_result<std::uint64_t> read_skipped_count(std::string_view json) {
    return with_object(json,
                       [](const object_view& about) { return about.number<std::uint64_t>("skipped").value_or(0); });
}

basic_result<std::string> read_durability(std::string_view json) {
    return with_object(json, [](const object_view& about) { return about.text("durability"); });
}

basic_result<queue_name> read_queue_name(std::string_view json) {
    return with_object(json, [](const object_view& about) {
        return queue_name{.name = about.text("queue"),
                          .durability = about.text("durability"),
                          .packet_bytes_max = about.number<std::uint64_t>("payload_max").value_or(0),
                          .now = about.time("now_ms")};
    });
}

basic_result<dead_letter> read_dead_letter(std::string_view json) { return with_object(json, letter_in); }

basic_result<dead_list> read_dead_list(std::string_view json) {
    return with_object(json, [](const object_view& about) {
        dead_list list;
        list.total = about.number<std::uint64_t>("total").value_or(0);
        about.for_each("dead", [&](const object_view& one) { list.letters.push_back(letter_in(one)); });
        return list;
    });
}

}  // namespace sheaf::detail

namespace sheaf {

std::string_view to_string(background_state state) noexcept {
    for (const auto& [text, one] : detail::state_names) {
        if (one == state) return text;
    }
    return "unknown";
}

}  // namespace sheaf
