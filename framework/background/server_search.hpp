// Which of several servers has something that only one has: a run, or a background job.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/runtime/client.hpp>

namespace sheaf::detail {

/// What the servers have said so far to the question whether they have it. Pure.
class asked_servers {
  public:
    explicit asked_servers(std::size_t servers) : said_(servers) {}

    /// `answer` is what it has said, in its own words.
    void has_it(std::size_t server, std::string answer);
    void has_it_not(std::size_t server, std::string answer);
    /// It never has anything of the kind.
    void is_of_another_make(std::size_t server, error why);
    /// Nobody knows whether it has it.
    void cannot_say(std::size_t server, error why);

    /// The first that has it.
    [[nodiscard]] std::optional<std::size_t> owner() const noexcept;
    /// Whether nothing more can come that changes anything.
    [[nodiscard]] bool is_settled() const noexcept;
    [[nodiscard]] bool denied_by(std::size_t server) const noexcept { return said_[server].what == word::no; }
    [[nodiscard]] bool denied_by_all() const noexcept;
    /// What it has said; its error, if it has said nothing.
    [[nodiscard]] basic_result<std::string> answer_of(std::size_t server) const;
    /// Of those that could not say: what happened to each; its code is that of the first. There is one.
    [[nodiscard]] error silence() const;

  private:
    enum class word : unsigned char { nothing, yes, no, silence };
    struct said {
        word what = word::nothing;
        std::string answer;
        error why;
    };
    std::vector<said> said_;
};

/// A question to all servers of a client, each of which says whether it has what is looked for.
struct server_question {
    std::string function;  ///< of the server's own
    std::string payload;
    bool (*has_it)(std::string_view answer) = nullptr;
    /// How long they are waited for, also when they are away.
    std::optional<std::chrono::steady_clock::time_point> deadline{};

    /// The one that has to answer; a number beyond theirs: none of them. Then the others are asked only if they are there, and
    /// until `others_deadline`.
    std::optional<std::size_t> only_needed{};
    std::chrono::steady_clock::time_point others_deadline{};
};

/// Asks all servers of `through` at once, and returns as soon as it is settled: when one has it, or all have said what they can.
/// Nothing when `stop` came first. Not on the client's thread.
[[nodiscard]] std::optional<asked_servers> search_servers(runtime::client& through, const server_question& what,
                                                          const std::stop_token& stop = {});

}  // namespace sheaf::detail
