#include "server/job_rows.hpp"

#include <utility>

namespace sheaf::server {

store::job_row row_of(const broker::job_record& job) {
    return {.id = job.id.value(),
            .function = job.function,
            .unique = job.unique,
            .reducer = job.reducer,
            .priority = static_cast<std::uint8_t>(job.priority),
            .run_at = job.run_at,
            .attempts = job.attempts,
            .losses = job.losses,
            .terms = job.terms,
            .payload = job.payload};
}

store::result_row row_of(const broker::job_record& job, const broker::job_result& result) {
    return {.id = job.id.value(),
            .function = job.function,
            .unique = job.unique,
            .ended = result.ended,
            .expires = result.expires,
            .bytes = result.bytes,
            .data = result.data};
}

store::dead_letter letter_of(const broker::job_record& job, const broker::cause_of_death& why) {
    return {.job = row_of(job),
            .reason = std::string(why.reason),
            .worker = why.worker,
            .log = std::string(why.log),
            .exception = why.exception,
            .died = why.died};
}

broker::job_record record_of(store::job_row&& row) {
    return {.id = broker::job_id{row.id},
            .function = std::move(row.function),
            .unique = std::move(row.unique),
            .reducer = std::move(row.reducer),
            .priority = static_cast<protocol::priority>(row.priority),
            .run_at = row.run_at,
            .payload = std::move(row.payload),
            .attempts = row.attempts,
            .losses = row.losses,
            .terms = std::move(row.terms)};
}

}  // namespace sheaf::server
