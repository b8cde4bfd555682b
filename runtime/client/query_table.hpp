// Questions to a server that are not jobs: GET_STATUS, GET_STATUS_UNIQUE, ECHO_REQ, options and admin commands. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/output_buffer.hpp"
#include "protocol/packet.hpp"
#include "sheaf/runtime/client.hpp"

namespace sheaf::runtime {

/// What came back; which member counts depends on the question.
struct query_answer {
    job_status status;     ///< of status and status_unique
    std::string text;      ///< of admin
    bool granted = false;  ///< of option
};

/// One question, asked once.
struct query {
    enum class kind : std::uint8_t { status, status_unique, echo, admin, option };
    kind what = kind::echo;
    std::string text;  ///< the handle, the unique key, the text to be echoed, the command or the option
    std::chrono::steady_clock::time_point deadline;
    std::function<void(basic_result<query_answer>)> done;
    std::optional<std::size_t> only_server{};  ///< the one to be asked; none: any

    /// Whether another server is asked when one does not know the job.
    [[nodiscard]] bool goes_round() const noexcept {
        return !only_server && (what == kind::status || what == kind::status_unique);
    }
};

using query_id = std::uint64_t;

/// Why `asked` cannot be sent, if so.
[[nodiscard]] std::optional<error> refuse_query(const query& asked);

/// The questions that have not been answered yet.
class query_table {
  public:
    /// The question's id, and where it has to be sent next.
    struct outgoing {
        query_id id = 0;
        query::kind what = query::kind::echo;
    };

    query_id add(query asked);
    [[nodiscard]] bool empty() const noexcept { return pending_.empty(); }
    /// Whether `server` owes an answer.
    [[nodiscard]] bool waits_for(std::size_t server) const noexcept;
    /// The questions that no server has been sent yet.
    [[nodiscard]] std::vector<query_id> unsent() const;
    [[nodiscard]] const query& operator[](query_id id) const;
    /// The servers that have said already that they do not know the job.
    [[nodiscard]] bool was_asked(query_id id, std::size_t server) const;

    void send(query_id id, std::size_t server, protocol::output_buffer& out);

    /// Sends an admin command that is answered with one line, which nobody wants to hear. There may be thousands.
    void send_unheard(std::string_view command, std::size_t server, protocol::output_buffer& out);

    /// STATUS_RES and STATUS_RES_UNIQUE. A job that is not known leads to the next server, while `more(id)` holds.
    void on_status(std::size_t server, const protocol::packet_view& packet, const std::function<bool(query_id)>& more);
    /// ECHO_RES.
    void on_echo(std::size_t server, std::string_view data);
    /// A line of an admin command's answer.
    void on_line(std::size_t server, std::string_view line);
    /// OPTION_RES, or ERROR in its place.
    void on_option(query_id id, bool granted);

    /// The server cannot be reached: ends what only it could answer.
    void unreachable(std::size_t server, const error& why);
    /// The server is gone, and with it its answers.
    void lost(std::size_t server, const error& why);
    void expire(std::chrono::steady_clock::time_point now);
    [[nodiscard]] std::chrono::steady_clock::time_point next_deadline() const noexcept;
    void end_all(const error& why);

  private:
    static constexpr std::size_t nowhere = ~std::size_t{0};
    struct entry {
        query_id id = 0;
        query asked;  ///< `done` is empty when its user has given up and only the answer's place matters
        std::size_t server = nowhere;
        std::vector<std::size_t> asked_before;
        std::string text;         ///< what has come of an admin command's answer
        std::size_t unheard = 0;  ///< of commands one after the other whose answers nobody hears: how many
    };

    [[nodiscard]] std::size_t position(query_id id) const noexcept;
    [[nodiscard]] std::size_t first(std::size_t server, query::kind what) const noexcept;
    void finish(std::size_t position, basic_result<query_answer> answer);

    std::deque<entry> pending_;  ///< answers come in this order, or nearly
    query_id last_id_ = 0;
};

}  // namespace sheaf::runtime
