#include "store/entry.hpp"

namespace sheaf::store {
namespace {

struct size_of_payload {
    std::size_t operator()(const job_row& row) const { return row.payload.size(); }
    std::size_t operator()(const result_row& result) const { return result.data.size(); }
    std::size_t operator()(const dead_letter& letter) const {
        return letter.job.payload.size() + letter.log.size() + letter.exception.size();
    }
    std::size_t operator()(const run_change& change) const {
        std::size_t size = 0;
        for (const job_row& one : change.jobs) size += one.payload.size();
        for (const part_row& one : change.parts) size += one.bytes.size();
        return size;
    }
    std::size_t operator()(const auto& /*small*/) const { return 0; }
};

template <class Question>
bool asks_for(const entry& one) {
    const auto* const question = std::get_if<asked>(&one);
    return question != nullptr && std::holds_alternative<Question>(question->what);
}

}  // namespace

bool is_question(const entry& one) { return std::holds_alternative<asked>(one); }

bool asks_what_is_written(const entry& one) { return asks_for<is_written>(one) || asks_for_ends(one); }

bool asks_for_ends(const entry& one) { return asks_for<ends_written>(one); }

bool asks_alone(const entry& one) { return is_question(one) && !asks_what_is_written(one); }

bool may_be_refused(const entry& one) {
    if (const auto* const change = std::get_if<run_change>(&one)) return change->begins.has_value();
    return std::holds_alternative<job_row>(one);
}

std::size_t payload_size(const entry& one) { return std::visit(size_of_payload{}, one); }

}  // namespace sheaf::store
