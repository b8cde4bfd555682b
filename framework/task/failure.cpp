#include <utility>

#include "base/printable.hpp"
#include <sheaf/failure.hpp>

namespace sheaf {
namespace {

std::string headline(const failure& why) {
    std::string text;
    if (!why.task.empty()) text += "task \"" + why.task + "\": ";
    if (why.code != errc::remote_exception) text += std::string(to_string(why.code)) + ": ";
    return text + (why.message.empty() ? "no reason was given" : why.message);
}

std::string place(const failure& why) {
    std::string text;
    if (!why.worker.empty()) text += "worker " + why.worker;
    if (why.attempt != 0) text += (text.empty() ? "attempt " : ", attempt ") + std::to_string(why.attempt);
    if (why.signal != 0) text += (text.empty() ? "signal " : ", signal ") + std::to_string(why.signal);
    return text;
}

}  // namespace

std::string_view to_string(call_clock which) noexcept {
    switch (which) {
        case call_clock::none: break;
        case call_clock::deadline: return "deadline";
        case call_clock::queue: return "queue_timeout";
        case call_clock::attempt: return "attempt_timeout";
        case call_clock::heartbeat: return "heartbeat";
    }
    return "none";
}

std::string describe(const failure& why) {
    std::string text = headline(why);
    if (const std::string where = place(why); !where.empty()) text += "\n  " + where;
    for (const std::string& cause : why.causes) text += "\n  caused by: " + cause;
    if (!why.last_lines.empty()) text += "\n  it wrote last:";
    for (const std::string& line : why.last_lines) text += "\n    " + printable(line);
    return text;
}

call_error::call_error(failure why) : std::runtime_error(describe(why)), why_(std::move(why)) {}

void throw_failure(failure why) {
    switch (why.code) {
        case errc::remote_exception: throw remote_error(std::move(why));
        case errc::worker_lost: throw worker_lost(std::move(why));
        case errc::timeout: throw timeout(std::move(why));
        case errc::no_worker: throw no_worker(std::move(why));
        case errc::not_supported: throw not_supported(std::move(why));
        case errc::cancelled: throw cancelled(std::move(why));
        case errc::schema_mismatch: throw schema_mismatch(std::move(why));
        case errc::would_deadlock: throw would_deadlock(std::move(why));
        case errc::connection_failed:
        case errc::connection_lost: throw connection_error(std::move(why));
        case errc::unknown_job:
        case errc::result_gone: throw result_gone(std::move(why));
        default: throw call_error(std::move(why));
    }
}

}  // namespace sheaf
