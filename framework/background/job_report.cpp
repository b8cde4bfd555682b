#include "background/job_report.hpp"

#include <array>
#include <limits>
#include <utility>

#include "base/parse_number.hpp"
#include "codec/json_text.hpp"
#include <sheaf/detail/json_reader.hpp>

namespace sheaf::detail {
namespace {

using std::chrono::system_clock;
using kind = json_node::kind;

constexpr std::array<std::pair<std::string_view, background_state>, 7> state_names{{
    {"unknown", background_state::unknown},
    {"storing", background_state::storing},
    {"delayed", background_state::delayed},
    {"queued", background_state::queued},
    {"running", background_state::running},
    {"completed", background_state::completed},
    {"failed", background_state::failed},
}};

// One object of a document, whose members may be missing.
class object_view {
  public:
    object_view(const std::vector<json_node>& nodes, std::size_t at) : nodes_(nodes), at_(at) {}

    [[nodiscard]] std::string text(std::string_view key) const {
        const json_node* const found = find(key, kind::text);
        return found == nullptr ? std::string() : std::string(found->text);
    }
    template <class Number>
    [[nodiscard]] std::optional<Number> number(std::string_view key) const {
        const json_node* const found = find(key, kind::number);
        return found == nullptr ? std::nullopt : parse_number<Number>(found->text);
    }
    [[nodiscard]] std::optional<system_clock::time_point> time(std::string_view key) const {
        const auto since = number<std::int64_t>(key);
        constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 2'000'000;  // in nanoseconds
        if (!since || *since < 0 || *since > most) return std::nullopt;
        return system_clock::time_point(std::chrono::milliseconds(*since));
    }
    /// The bytes that a text in base64 stands for.
    [[nodiscard]] std::string bytes(std::string_view key) const {
        const json_node* const found = find(key, kind::text);
        const std::size_t size = found == nullptr ? not_base64 : base64_size(found->text);
        if (size == not_base64) return {};
        std::string decoded(size, '\0');
        read_base64(found->text, reinterpret_cast<std::byte*>(decoded.data()));
        return decoded;
    }
    [[nodiscard]] const json_node* find(std::string_view key, kind what) const {
        std::size_t part = at_ + 1;
        for (std::size_t i = 0; i < nodes_[at_].count; ++i, part = nodes_[part].end) {
            if (nodes_[part].key == key) return nodes_[part].what == what ? &nodes_[part] : nullptr;
        }
        return nullptr;
    }

  private:
    const std::vector<json_node>& nodes_;
    std::size_t at_;
};

// What `read` makes of the object that all of `json` is.
template <class Read>
auto with_object(std::string_view json, Read&& read) -> basic_result<decltype(read(std::declval<object_view>()))> {
    try {
        const json_document document(json, {});
        if (document.nodes.front().what == kind::object) return read(object_view(document.nodes, 0));
        return error{errc::malformed, "the server's answer about a job is JSON, but no object"};
    } catch (const decode_error& why) {
        return error{errc::malformed, std::string("the server's answer about a job is no JSON: ") + why.what()};
    }
}

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
                          .packet_bytes_max = about.number<std::uint64_t>("payload_max").value_or(0)};
    });
}

basic_result<dead_letter> read_dead_letter(std::string_view json) { return with_object(json, letter_in); }

basic_result<dead_list> read_dead_list(std::string_view json) {
    try {
        const json_document document(json, {});
        const auto& nodes = document.nodes;
        dead_list list;
        if (nodes.front().what != kind::object) return error{errc::malformed, "the list of dead letters is no object"};
        const object_view about(nodes, 0);
        list.total = about.number<std::uint64_t>("total").value_or(0);
        const json_node* const all = about.find("dead", kind::array);
        if (all == nullptr) return list;
        std::size_t part = static_cast<std::size_t>(all - nodes.data()) + 1;
        for (std::size_t i = 0; i < all->count; ++i, part = nodes[part].end) {
            if (nodes[part].what == kind::object) list.letters.push_back(letter_in(object_view(nodes, part)));
        }
        return list;
    } catch (const decode_error& why) {
        return error{errc::malformed, std::string("the list of dead letters is no JSON: ") + why.what()};
    }
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
