// What peers ask the server about jobs that have ended: the broker's questions as the store's, and the store's replies as
// the broker's answers. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "broker/types.hpp"
#include "server/letter_retry.hpp"
#include "store/store.hpp"

namespace sheaf::server {

/// How handles are written and read here.
struct handle_codec {
    std::string prefix;

    [[nodiscard]] std::string write(std::uint64_t job) const;
    [[nodiscard]] std::optional<std::uint64_t> read(std::string_view handle) const;
};

/// What sheaf.queue says of a server, however much it holds.
struct queue_facts {
    std::string durability;  ///< what acknowledgements promise
    std::string name;        ///< of the store, and of no other: digits
    std::uint64_t payload_max = 0;
};

class service_desk {
  public:
    service_desk(handle_codec handles, queue_facts facts) : handles_(std::move(handles)), facts_(std::move(facts)) {}

    /// What is to be asked of the store or, when that need not be asked, the answer.
    using next_step = std::variant<store::question, broker::service_answer>;
    [[nodiscard]] next_step begin(broker::service_ticket name, const broker::service_question& asked,
                                  store::wall_time now);

    /// What to do when the store has replied, in this order.
    struct finished {
        std::vector<store::outcome> outcomes{};  ///< of letters that the broker has taken: it is to know of them
        std::vector<store::job_row> letters{};   ///< the broker is to take these, if it may: take_letters() goes on
        next_step next{};                        ///< when there are none of those
    };
    [[nodiscard]] finished end(broker::service_ticket name, store::reply said);
    /// The broker has taken these of the letters.
    [[nodiscard]] next_step take_letters(broker::service_ticket name, std::vector<store::job_number> taken);

  private:
    struct open {
        broker::service_question::about what{};
        bool shows_letter = false;
        std::string text{};    ///< the answer, if it is known
        broker::job_id run{};  ///< whose outcome `taker` wants
        std::string taker{};
        std::optional<letter_retry> retry{};
        store::wall_time asked{};
    };
    [[nodiscard]] next_step begin_letters(std::string_view text, store::wall_time now, open& note) const;
    [[nodiscard]] next_step begin_queue(std::string_view words, store::wall_time now) const;
    [[nodiscard]] std::optional<store::chosen_letters> choose(std::string_view text) const;
    [[nodiscard]] next_step go_on(broker::service_ticket name, open&& note);
    [[nodiscard]] broker::service_answer answer_to(const open& note, const store::reply& said) const;
    [[nodiscard]] broker::service_answer end_result(const store::reply& said) const;
    [[nodiscard]] broker::service_answer end_job(const store::reply& said) const;
    [[nodiscard]] broker::service_answer end_letters(const store::reply& said, bool shows) const;
    [[nodiscard]] broker::service_answer end_run(const store::reply& said, const open& asked) const;
    [[nodiscard]] broker::service_answer end_queue(const store::reply& said, store::wall_time now) const;

    handle_codec handles_;
    queue_facts facts_;
    std::unordered_map<broker::service_ticket, open> open_;
};

}  // namespace sheaf::server
