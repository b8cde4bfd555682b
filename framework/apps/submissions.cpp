#include "apps/submissions.hpp"

#include <utility>

#include "apps/job_words.hpp"
#include "base/printable.hpp"
#include <sheaf/detail/envelope.hpp>

namespace sheaf::apps {

namespace {

// Several of them, each fit for a terminal.
std::string lines_of(std::string_view text) {
    std::string out = printable(text.substr(0, text.find('\n')));
    while (text.find('\n') != text.npos) {
        text.remove_prefix(text.find('\n') + 1);
        out += "\n" + printable(text.substr(0, text.find('\n')));
    }
    return out;
}

}  // namespace

submissions::submissions(wishes what, std::function<void(const std::string&)> say)
    : wanted_(what), say_(std::move(say)) {}

std::optional<std::uint64_t> submissions::add(std::string function, std::size_t most) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || entries_.size() < most; });
    if (stopped_) return std::nullopt;
    entries_.emplace_back().function = std::move(function);
    return first_ + entries_.size() - 1;
}

void submissions::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
}

void submissions::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
}

std::optional<submissions::piece> submissions::take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
        return entries_.empty() ? closed_ : entries_.front().has_ended || !entries_.front().text.empty();
    });
    if (entries_.empty()) return std::nullopt;
    entry& front = entries_.front();
    piece next{front.function, std::exchange(front.text, {}), front.has_ended, front.has_failed};
    if (!front.has_ended) return next;
    entries_.pop_front();
    ++first_;
    changed_.notify_all();
    return next;
}

std::optional<error> submissions::failure() {
    const std::lock_guard lock(mutex_);
    return failure_;
}

// ---- From the client's thread.

void submissions::on_created(std::uint64_t tag, std::string_view handle) {
    const std::lock_guard lock(mutex_);
    entry& one = at(tag);
    one.handle = handle;
    if (wanted_.handles) one.text = handle;  // again after a resubmission: only the last one counts
}

void submissions::on_data(std::uint64_t tag, const shared_bytes& data) {
    if (!wanted_.notices && detail::read_notice(data)) return;
    const std::lock_guard lock(mutex_);
    at(tag).text += data.view();
    changed_.notify_all();
}

void submissions::on_warning(std::uint64_t tag, const shared_bytes& data) {
    say_(name_of(tag) + ": warning: " + printable(data.view()));
}

void submissions::on_status(std::uint64_t tag, std::uint64_t numerator, std::uint64_t denominator) {
    if (wanted_.status) say_(name_of(tag) + ": " + std::to_string(numerator) + " of " + std::to_string(denominator));
}

// What has been printed of the try stays: nobody can take it back.
void submissions::on_retry(std::uint64_t tag, std::uint32_t retry, const runtime::job_end&) {
    say_(name_of(tag) + ": failed, and is submitted again (" + std::to_string(retry) + ")");
    const std::lock_guard lock(mutex_);
    at(tag).text.clear();
}

void submissions::on_end(std::uint64_t tag, runtime::job_end end) {
    using kind = runtime::job_end::kind;
    if (end.how == kind::failed) fail(tag, {errc::job_failed, "the worker says that the job has failed"});
    if (end.how == kind::exception) {
        fail(tag, {errc::remote_exception,
                   "the handler ended with an exception: " + lines_of(words_of_exception(end.data.view(), 0))});
    }
    if (end.how == kind::not_run) fail(tag, end.why);
    const std::lock_guard lock(mutex_);
    entry& one = at(tag);
    if (end.how == kind::complete) one.text += end.data.view();
    one.has_ended = true;
    changed_.notify_all();
}

std::string submissions::name_of(std::uint64_t tag) {
    const std::lock_guard lock(mutex_);
    const entry& one = at(tag);
    return printable(one.function) + (one.handle.empty() ? "" : " (" + printable(one.handle) + ")");
}

void submissions::fail(std::uint64_t tag, error why) {
    say_(name_of(tag) + ": " + why.message);
    const std::lock_guard lock(mutex_);
    at(tag).has_failed = true;
    if (!failure_) failure_ = std::move(why);
}

}  // namespace sheaf::apps
