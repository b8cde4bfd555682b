#include "server/ended_jobs.hpp"

#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/transform_width.hpp>
#include <boost/json.hpp>

#include "base/printable.hpp"
#include "broker/describe.hpp"
#include "server/service_desk.hpp"

namespace sheaf::server {
namespace {

namespace json = boost::json;

std::string base64_of(std::string_view bytes) {
    namespace iterators = boost::archive::iterators;
    using digits = iterators::base64_from_binary<iterators::transform_width<const char*, 6, 8>>;
    std::string out(digits(bytes.data()), digits(bytes.data() + bytes.size()));
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

std::int64_t milliseconds_of(store::wall_time at) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

json::object object_of(const queue_facts& facts, store::wall_time now) {
    return {{"durability", facts.durability},
            {"queue", facts.name},
            {"payload_max", facts.payload_max},
            {"now_ms", milliseconds_of(now)}};
}

json::object object_of(const handle_codec& handles, const store::dead_letter& letter, detail_level how) {
    const store::job_row& job = letter.job;
    json::object about{{"handle", handles.write(job.id)}, {"function", utf8_text(job.function)}};
    if (!job.unique.empty()) about["unique"] = utf8_text(job.unique);
    if (how == detail_level::state) {
        about["state"] = "failed";
        about["why"] = "it is a dead letter: " + utf8_text(letter.reason);
        about["background"] = true;
    }
    about["priority"] = broker::name_of(static_cast<protocol::priority>(job.priority));
    about[how == detail_level::state ? "attempt" : "attempts"] = job.attempts;
    about["losses"] = job.losses;
    about["reason"] = utf8_text(letter.reason);
    if (!letter.worker.empty()) about["worker"] = utf8_text(letter.worker);
    about["died_ms"] = milliseconds_of(letter.died);
    if (how == detail_level::everything) {
        about["payload"] = base64_of(job.payload.view());
        about["log"] = base64_of(letter.log);
        about["exception"] = base64_of(letter.exception.view());
    }
    return about;
}

}  // namespace

std::string json_of(const handle_codec& handles, const store::result_row& result) {
    json::object about{{"handle", handles.write(result.id)},
                       {"function", utf8_text(result.function)},
                       {"state", "completed"},
                       {"why", result.is_whole() ? "its result is kept" : "its result was too large to be kept"},
                       {"background", true},
                       {"result_bytes", result.bytes},
                       {"ended_ms", milliseconds_of(result.ended)}};
    if (result.is_whole()) about["expires_ms"] = milliseconds_of(result.expires);
    if (!result.unique.empty()) about["unique"] = utf8_text(result.unique);
    return json::serialize(about);
}

std::string json_of(const handle_codec& handles, const store::dead_letter& letter, detail_level how) {
    return json::serialize(object_of(handles, letter, how));
}

std::string json_of(const handle_codec& handles, const store::letter_list& list) {
    json::array letters;
    for (const store::dead_letter& one : list.letters) {
        letters.push_back(object_of(handles, one, detail_level::summary));
    }
    return json::serialize(json::object{{"dead", std::move(letters)}, {"total", list.total}});
}

std::string json_of(const queue_facts& facts, store::wall_time now) { return json::serialize(object_of(facts, now)); }

std::string json_of(const queue_facts& facts, const store::totals& counts, store::wall_time now) {
    json::object about = object_of(facts, now);
    about["jobs"] = counts.jobs;
    about["dead"] = counts.letters;
    about["results"] = counts.results;
    about["file_bytes"] = counts.file_bytes;
    return json::serialize(about);
}

std::string json_of(const store::backed_up& copy) {
    return json::serialize(json::object{{"path", utf8_text(copy.path)}, {"bytes", copy.bytes}});
}

std::string json_of_count(std::uint64_t jobs, std::uint64_t skipped) {
    json::object counts{{"jobs", jobs}};
    if (skipped != 0) counts["skipped"] = skipped;
    return json::serialize(counts);
}

std::string json_of_unknown() { return broker::describe_unknown(); }

}  // namespace sheaf::server
