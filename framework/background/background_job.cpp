#include <algorithm>
#include <array>
#include <utility>

#include "background/background_id.hpp"
#include "background/deadline_after.hpp"
#include "background/enqueue_request.hpp"
#include "background/job_report.hpp"
#include "background/result_fetcher.hpp"
#include "background/server_search.hpp"
#include "background/stop_order.hpp"
#include <sheaf/background.hpp>
#include <sheaf/detail/background_job.hpp>

namespace sheaf::detail {
namespace {

failure failed(error why, std::string_view task) {
    return {.code = why.code, .message = std::move(why.message), .task = std::string(task)};
}

// Without the arguments, which are the server's now.
raw_call frame_of(const raw_call& call) {
    raw_call frame;
    frame.task = call.task;
    frame.schema = call.schema;
    frame.fingerprint = call.fingerprint;
    frame.form = call.form;
    frame.error_names = call.error_names;
    return frame;
}

// The client's server of that address; how it is reached does not matter.
std::size_t index_of(const std::vector<endpoint>& servers, endpoint wanted) {
    wanted.tls = false;
    const auto found = std::ranges::find_if(servers, [&](endpoint one) {
        one.tls = false;
        return one == wanted;
    });
    return found == servers.end() ? ~std::size_t{0} : static_cast<std::size_t>(found - servers.begin());
}

std::optional<failure> not_of_task(const background_id& id, const raw_call& frame) {
    failure why{.code = errc::schema_mismatch, .task = std::string(frame.task)};
    if (id.task != frame.task) {
        why.message =
            "the id is that of a job of \"" + id.task + "\", and was given for \"" + std::string(frame.task) + "\"";
        return why;
    }
    if (id.fingerprint == frame.fingerprint) return std::nullopt;
    background_id here = id;
    here.fingerprint = frame.fingerprint;
    why.message =
        "the job was enqueued with other types for the task than this program has\n  the job:  " + to_string(id) +
        "\n  expected: " + to_string(here) + "\n  this program: " + std::string(frame.schema) +
        "\n  attach to it with a program that was built like the one that enqueued it";
    return why;
}

}  // namespace

background_job::background_job(std::shared_ptr<call_engine> through, const raw_call& frame, std::string handle,
                               std::size_t server, std::string id)
    : through_(std::move(through)), frame_(frame), handle_(std::move(handle)), id_(std::move(id)), server_(server) {}

result<background_job::pointer> background_job::enqueue(const std::shared_ptr<call_engine>& through,
                                                        const raw_call& call, const background_options& how) {
    auto request = make_enqueue_request(call, how);
    if (!request) return std::move(request).error();
    auto ticket = through->client().start(*std::move(request));
    if (!ticket) return failed(std::move(ticket).error(), call.task);
    std::string id = to_string(background_id{.task = std::string(call.task),
                                             .fingerprint = call.fingerprint,
                                             .handle = ticket->handle,
                                             .server = to_string(ticket->server)});
    const std::size_t server = index_of(through->client().servers(), ticket->server);
    return std::make_shared<const background_job>(through, frame_of(call), std::move(ticket->handle), server,
                                                  std::move(id));
}

result<background_job::pointer> background_job::attach(const std::shared_ptr<call_engine>& through,
                                                       const raw_call& frame, std::string_view id) {
    const auto read = parse_background_id(id);
    if (!read) return failed(read.error(), frame.task);
    if (auto why = not_of_task(*read, frame)) return *std::move(why);
    const auto& servers = through->client().servers();
    const auto address = parse_endpoint(read->server);
    const std::size_t server = servers.size() == 1 ? 0 : address ? index_of(servers, *address) : nowhere;
    return std::make_shared<const background_job>(through, frame, read->handle, server, std::string(id));
}

// Handles are of one server for ever. Whose it is can be asked where the id does not say it: the server may have another address
// here. While one is away that may have it, nobody knows.
result<std::size_t> background_job::locate(milliseconds deadline) const {
    if (server_ != nowhere) return server_.load();
    const auto said = search_servers(
        through_->client(),
        {.function = "sheaf.job", .payload = handle_, .has_it = knows_job, .deadline = deadline_after(deadline)});
    if (const auto owner = said->owner()) return server_ = *owner;
    if (!said->denied_by_all()) {
        error why = said->silence();
        why.message = "the background job " + handle_ + ": " + why.message;
        return failed(std::move(why), frame_.task);
    }
    return failure{.code = errc::unknown_job,
                   .message = "none of the servers knows the background job " + handle_,
                   .task = std::string(frame_.task)};
}

result<std::string> background_job::ask(std::string_view function, const std::string& words, bool again,
                                        milliseconds deadline) const {
    const auto where = locate(deadline);
    if (!where) return where.error();
    auto said = through_->client().run({.function = std::string(function),
                                        .payload = shared_bytes(words),
                                        .deadline = deadline_after(deadline),
                                        .resubmit = again,
                                        .of_server = true,
                                        .server = *where});
    using kind = runtime::job_end::kind;
    if (said.how == kind::complete) return std::string(said.data.view());
    if (said.how != kind::not_run)
        said.why = {errc::server_error, "the server could not answer " + std::string(function)};
    return failed(std::move(said.why), frame_.task);
}

result<background_status> background_job::status(milliseconds deadline) const {
    const auto said = ask("sheaf.job", handle_, true, deadline);
    if (!said && said.error().code == errc::not_supported) return plain_status(deadline);
    if (!said) return said.error();
    auto status = read_status(*said);
    if (!status) return failed(std::move(status).error(), frame_.task);
    return *std::move(status);
}

// All that stock servers say.
result<background_status> background_job::plain_status(milliseconds deadline) const {
    auto& client = through_->client();
    const auto said = client.status({handle_, client.servers().at(server_)}, deadline);
    if (!said) return failed(said.error(), frame_.task);
    background_status status;
    status.handle = handle_;
    status.function = frame_.task;
    status.done = said->numerator;
    status.total = said->denominator;
    if (!said->known) {
        status.why =
            "the server, which is not Sheaf's own, does not know it: it forgets jobs as soon as they have ended";
    } else {
        status.state = said->running ? background_state::running : background_state::queued;
        status.why =
            said->running ? "a worker has it" : "the server, which is not Sheaf's own, does not say why it waits";
    }
    return status;
}

std::shared_ptr<pending_call> background_job::fetch(milliseconds deadline) const {
    const auto where = locate(deadline);
    if (!where) {
        auto ended = std::make_shared<pending_call>(std::make_shared<result_fetcher>(through_, handle_, 0));
        ended->on_result(0, where.error());
        return ended;
    }
    return pending_call::submit(std::make_shared<result_fetcher>(through_, handle_, *where), frame_,
                                {.deadline = deadline});
}

result<background_state> background_job::cancel(milliseconds deadline) const {
    const auto said = ask("sheaf.cancel", handle_, true, deadline);
    if (!said) return said.error();
    const auto was = read_cancelled(*said);
    if (!was) return failed(was.error(), frame_.task);
    if (*was == background_state::running && frame_.form == wire_form::enveloped) {
        order_stop(*through_, std::array{std::string_view(handle_)});
    }
    return *was;
}

result<void> background_job::retry(milliseconds deadline) const {
    const auto said = ask("sheaf.dead", "retry " + handle_, false, deadline);
    if (!said) return said.error();
    const auto jobs = read_job_count(*said);
    if (!jobs) return failed(jobs.error(), frame_.task);
    if (*jobs == 0) return not_dead(deadline);
    return {};
}

failure background_job::not_dead(milliseconds deadline) const {
    const auto now = status(deadline);
    const std::string what = now ? std::string(to_string(now->state)) : "not known";
    return {.code = now && now->state == background_state::unknown ? errc::unknown_job : errc::invalid_argument,
            .message = "only a dead letter can be queued again, and the background job " + handle_ + " is " + what,
            .task = std::string(frame_.task)};
}

std::vector<background_support> ask_support(call_engine& through, std::chrono::milliseconds deadline) {
    std::vector<background_support> all;
    const auto until = deadline_after(deadline);
    auto& client = through.client();
    for (std::size_t i = 0; i < client.servers().size(); ++i) {
        background_support& one = all.emplace_back();
        one.server = to_string(client.servers()[i]);
        const auto said = client.run({.function = "sheaf.queue", .deadline = until, .of_server = true, .server = i});
        if (said.how == runtime::job_end::kind::complete) {
            one.terms = true;
            one.durability = read_durability(said.data.view()).value_or("");
        } else if (said.why.code != errc::not_supported) {
            one.problem = said.why.message;
        }
    }
    return all;
}

}  // namespace sheaf::detail

namespace sheaf {

std::vector<sheaf::background_support> cluster::background_support(std::chrono::milliseconds deadline) {
    return detail::ask_support(*engine_, deadline);
}

}  // namespace sheaf
