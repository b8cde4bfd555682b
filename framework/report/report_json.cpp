// The report and its trace as JSON.
#include <cmath>
#include <concepts>
#include <string_view>

#include "base/printable.hpp"
#include "report/lanes.hpp"
#include <sheaf/run_report.hpp>

namespace sheaf {
namespace {

/// Writes one JSON object, member after member.
class object_writer {
  public:
    explicit object_writer(std::string& to) : to_(to) { to_ += '{'; }
    object_writer(const object_writer&) = delete;
    object_writer& operator=(const object_writer&) = delete;
    ~object_writer() { to_ += '}'; }

    void member(std::string_view name, std::string_view text) { begin(name) += json_string(text); }
    void member(std::string_view name, std::integral auto number) { begin(name) += std::to_string(number); }
    /// The member's value is what `write` appends.
    template <class F>
    void member_of(std::string_view name, F write) {
        write(begin(name));
    }

  private:
    std::string& begin(std::string_view name) {
        if (!first_) to_ += ',';
        first_ = false;
        return to_.append("\"").append(name).append("\":");
    }

    std::string& to_;
    bool first_ = true;
};

/// An array of what `write` makes of each element.
template <class Range, class F>
void append_array(std::string& to, const Range& elements, F write) {
    to += '[';
    bool first = true;
    for (const auto& one : elements) {
        if (!first) to += ',';
        first = false;
        write(to, one);
    }
    to += ']';
}

void append_strings(std::string& to, const std::vector<std::string>& texts) {
    append_array(to, texts, [](std::string& out, const std::string& one) { out += json_string(one); });
}

void add_attempt_members(object_writer& object, const attempt_record& one) {
    object.member("bytes", one.bytes);
    object.member("records", one.records);
    object.member("spills", one.spills);
    object.member("outcome", detail::name_of(one.outcome));
    if (!one.why.empty()) object.member("why", one.why);
}

void append_attempt(std::string& to, const attempt_record& one) {
    object_writer object(to);
    object.member("stage", detail::name_of(one.stage));
    object.member("index", one.index);
    if (one.partitions != 0) {
        object.member("partition", one.partition);
        object.member("partitions", one.partitions);
    }
    object.member("attempt", one.number);
    object.member("worker", one.worker);
    object.member("began_us", one.began.count());
    object.member("ended_us", one.ended.count());
    add_attempt_members(object, one);
}

void add_numbers(object_writer& object, const map_reduce_report& report) {
    object.member("input_files", report.input_files);
    object.member("input_bytes", report.input_bytes);
    object.member("input_skipped", report.input_skipped);
    object.member("splits", report.splits);
    object.member("records", report.records);
    object.member("keys", report.keys);
    object.member("shuffled_bytes", report.shuffled_bytes);
    object.member("output_bytes", report.output_bytes);
    object.member("spills", report.spills);
    object.member("attempts", report.attempts);
    object.member("retries", report.retries);
    object.member("backups", report.backups);
    object.member("workers_lost", report.workers_lost);
    object.member("segments_lost", report.segments_lost);
    object.member("bad_records", report.bad_records);
    object.member("units_resumed", report.units_resumed);
    object.member("units_verified", report.units_verified);
    object.member("map_ms", report.map_time.count());
    object.member("reduce_ms", report.reduce_time.count());
    object.member("wall_ms", report.wall_time.count());
}

void append_frequent_key(std::string& to, const frequent_key& one) {
    object_writer object(to);
    object.member("key", one.key);
    object.member("share_percent", std::lround(one.share * 100));
    object.member_of("folded", [&one](std::string& out) { out += one.folded ? "true" : "false"; });
}

void append_left_out(std::string& to, const left_out_record& one) {
    object_writer object(to);
    object.member("place", one.place);
    object.member("offset", one.offset);
    object.member("length", one.length);
    object.member("reason", one.reason);
}

void append_trace_row(std::string& to, const detail::lane& row, std::size_t number) {
    {
        object_writer name(to);
        name.member("ph", "M");
        name.member("name", "thread_name");
        name.member("pid", 1);
        name.member("tid", number);
        name.member_of("args", [&row](std::string& out) { object_writer(out).member("name", row.worker); });
    }
    for (const attempt_record* const one : row.attempts) {
        to += ',';
        object_writer span(to);
        span.member("ph", "X");
        span.member("name", detail::name_of(*one));
        span.member("cat", detail::name_of(one->stage));
        span.member("pid", 1);
        span.member("tid", number);
        span.member("ts", one->began.count());
        span.member("dur", (one->ended - one->began).count());
        span.member_of("args", [one](std::string& out) {
            object_writer about(out);
            add_attempt_members(about, *one);
        });
    }
}

}  // namespace

std::string to_json(const map_reduce_report& report) {
    std::string text;
    {
        object_writer object(text);
        object.member("output", report.output);
        object.member_of("files", [&](std::string& out) { append_strings(out, report.files); });
        add_numbers(object, report);
        object.member("bad_records_file", report.bad_records_file);
        object.member_of("left_out", [&](std::string& out) { append_array(out, report.left_out, &append_left_out); });
        object.member_of("counters", [&](std::string& out) {
            object_writer counters(out);
            for (const auto& [name, count] : report.counters) {
                // A name may be anything, and members are written as they are given.
                const std::string quoted = json_string(name);
                counters.member(std::string_view(quoted).substr(1, quoted.size() - 2), count);
            }
        });
        object.member_of("frequent_keys",
                         [&](std::string& out) { append_array(out, report.frequent_keys, &append_frequent_key); });
        object.member_of("findings", [&](std::string& out) { append_strings(out, findings(report)); });
        object.member_of("attempt_log",
                         [&](std::string& out) { append_array(out, report.attempt_log, &append_attempt); });
    }
    return text += '\n';
}

std::string to_trace(const map_reduce_report& report) {
    std::string text;
    {
        object_writer object(text);
        object.member("displayTimeUnit", "ms");
        object.member_of("traceEvents", [&](std::string& out) {
            std::size_t number = 0;
            append_array(out, detail::lanes_of(report),
                         [&number](std::string& to, const detail::lane& row) { append_trace_row(to, row, ++number); });
        });
    }
    return text += '\n';
}

}  // namespace sheaf
