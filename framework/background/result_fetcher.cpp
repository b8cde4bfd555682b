#include "background/result_fetcher.hpp"

#include <optional>
#include <utility>

#include "background/deadline_after.hpp"
#include "background/job_failures.hpp"
#include "background/job_report.hpp"
#include "base/assert.hpp"
#include <sheaf/runtime/client.hpp>

namespace sheaf::detail {
namespace {

// How long the server is given to say more about a job that has no result.
constexpr std::chrono::milliseconds reason_time{500};

runtime::job_request question(std::string_view function, const std::string& handle, std::size_t server,
                              std::chrono::milliseconds time) {
    runtime::job_request asked;
    asked.function = function;
    asked.payload = shared_bytes(handle);
    asked.deadline = deadline_after(time);
    asked.resubmit = true;  // a server that was started again has the job
    asked.of_server = true;
    asked.server = server;
    return asked;
}

}  // namespace

/// Hears the job's end and, when that says too little, what the server says of it. On the client's thread.
class result_fetcher::ear final : public runtime::job_listener, public std::enable_shared_from_this<ear> {
  public:
    /// `client` is the one that will call it.
    ear(runtime::client& client, std::shared_ptr<result_fetcher> of, asked_job job, std::shared_ptr<listener> hears,
        std::uint64_t tag)
        : client_(client), of_(std::move(of)), job_(std::move(job)), hears_(std::move(hears)), tag_(tag) {}

    void on_status(std::uint64_t, std::uint64_t done, std::uint64_t total) override {
        if (hears_) hears_->on_progress(tag_, done, total);
    }
    void on_warning(std::uint64_t, const shared_bytes& text) override {
        if (hears_) hears_->on_warning(tag_, text.view());
    }
    void on_end(std::uint64_t, runtime::job_end end) override {
        if (end_) return tell(status_in(end));
        end_ = std::move(end);
        if (!needs_status(*end_)) return tell(std::nullopt);
        auto asked = question("sheaf.job", job_.handle, of_->server_, reason_time);
        asked.only_if_there = true;
        client_.submit(std::move(asked), shared_from_this());
    }

  private:
    static std::optional<background_status> status_in(const runtime::job_end& end) {
        if (end.how != runtime::job_end::kind::complete) return std::nullopt;
        auto read = read_status(end.data.view());
        return read ? std::optional(*std::move(read)) : std::nullopt;
    }
    void tell(const std::optional<background_status>& status) {
        std::exchange(hears_, nullptr)->on_result(tag_, read_background_end(std::move(*end_), job_, status));
    }

    runtime::client& client_;
    std::shared_ptr<result_fetcher> of_;
    asked_job job_;
    std::shared_ptr<listener> hears_;
    std::uint64_t tag_;
    std::optional<runtime::job_end> end_;
};

call_sender::call_id result_fetcher::submit(const raw_call& frame, const call_options& how,
                                            std::shared_ptr<listener> hears, std::uint64_t tag) {
    const auto engine = through_.lock();
    SHEAF_ASSERT(engine != nullptr, "who submits has the engine");
    auto made = std::make_shared<ear>(engine->client(), shared_from_this(), asked_job{frame, handle_, how.deadline},
                                      std::move(hears), tag);
    return engine->client().submit(question("sheaf.result", handle_, server_, how.deadline), std::move(made));
}

void result_fetcher::cancel(call_id call) {
    if (const auto engine = through_.lock()) engine->client().cancel(call);
}

}  // namespace sheaf::detail
