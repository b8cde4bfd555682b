#include "integration/interop/c_library/c_library.hpp"

namespace sheaf::test::c_library {

running_worker::running_worker(const endpoint& server, std::map<std::string, job_function> functions,
                               std::string name_space)
    : server_(server), functions_(std::move(functions)), worker_(gearman_worker_create(nullptr)) {
    functions_["stop"] = [this](gearman_job_st*) {
        stopped_ = true;
        return GEARMAN_SUCCESS;
    };
    stop_ = name_space + "stop";
    gearman_worker_add_server(worker_.get(), server.host.c_str(), server.port);
    if (!name_space.empty()) gearman_worker_set_namespace(worker_.get(), name_space.data(), name_space.size());
    for (auto& [name, does] : functions_) {
        gearman_worker_define_function(worker_.get(), name.data(), name.size(), gearman_function_create(run), 0, &does);
    }
    thread_ = std::thread([this] {
        while (!stopped_) gearman_worker_work(worker_.get());
    });
}

running_worker::~running_worker() {
    raw_peer(server_).send<protocol::packet_type::submit_job_bg>(stop_, "", "");
    thread_.join();
}

gearman_return_t running_worker::run(gearman_job_st* job, void* function) {
    return (*static_cast<job_function*>(function))(job);
}

c_library::c_library() {
    if (std::string(GetParam()) == "sheafd") {
        ours_ = std::make_unique<sheafd_process>();
        where_ = ours_->where();
    } else {
        stock_ = std::make_unique<gearmand_process>();
        where_ = stock_->where();
    }
}

client c_library::make_client() const {
    client made(gearman_client_create(nullptr));
    gearman_client_add_server(made.get(), where_.host.c_str(), where_.port);
    return made;
}

worker c_library::make_worker() const {
    worker made(gearman_worker_create(nullptr));
    gearman_worker_add_server(made.get(), where_.host.c_str(), where_.port);
    return made;
}

std::vector<std::string> c_library::ask(const std::string& command) const {
    raw_peer asker(where_);
    asker.send(command + "\r\n");  // without the return gearmand loses the last letter of some names
    const bool is_list = command == "status" || command == "workers";
    return is_list ? asker.receive_list() : std::vector{asker.receive_line()};
}

gearman_return_t reverse(gearman_job_st* job) {
    const std::string payload = payload_of(job);
    const std::string backwards(payload.rbegin(), payload.rend());
    return gearman_job_send_complete(job, backwards.data(), backwards.size());
}

std::string payload_of(const gearman_job_st* job) {
    return {static_cast<const char*>(gearman_job_workload(job)), gearman_job_workload_size(job)};
}

std::string take(void* result, std::size_t size) {
    const std::unique_ptr<void, decltype(&std::free)> owned(result, &std::free);
    return result == nullptr ? std::string() : std::string(static_cast<const char*>(result), size);
}

std::string data_of(const gearman_task_st* task) {
    return {static_cast<const char*>(gearman_task_data(task)), gearman_task_data_size(task)};
}

called call(do_call* how, const client& by, const std::string& function, const std::string& payload,
            const char* unique) {
    std::size_t size = 0;
    gearman_return_t told = GEARMAN_UNKNOWN_STATE;
    // The library takes a pointer to nothing for a mistake.
    const char* const data = payload.empty() ? nullptr : payload.data();
    void* const result = how(by.get(), function.c_str(), unique, data, payload.size(), &size, &told);
    return {told, take(result, size)};
}

}  // namespace sheaf::test::c_library
