#include "base/log.hpp"

#include <memory>
#include <mutex>
#include <syslog.h>
#include <utility>

#include <spdlog/details/file_helper.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>

#include "sheaf/runtime/error.hpp"

namespace sheaf::log {
namespace {

constexpr const char* pattern = "%Y-%m-%dT%H:%M:%S.%e %l %n: %v";

// spdlog's own file sink cannot open its file again.
class file_sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit file_sink(const std::string& path) { file_.open(path, false); }

    void reopen() {
        const std::lock_guard here(mutex_);
        file_.reopen(false);
    }

  protected:
    void sink_it_(const spdlog::details::log_msg& line) override {
        spdlog::memory_buf_t text;
        formatter_->format(line, text);
        file_.write(text);
        file_.flush();
    }
    void flush_() override { file_.flush(); }

  private:
    spdlog::details::file_helper file_;
};

void change_sink(spdlog::sink_ptr to) {
    auto& sinks = spdlog::default_logger()->sinks();
    sinks.assign(1, std::move(to));
    sinks.front()->set_pattern(pattern);
}

}  // namespace

void start(const std::string& name, spdlog::level::level_enum level) {
    auto logger = std::make_shared<spdlog::logger>(name, std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_level(level);
    logger->set_pattern(pattern);
    spdlog::set_default_logger(std::move(logger));
}

void to_file(const std::string& path) {
    try {
        change_sink(std::make_shared<file_sink>(path));
    } catch (const spdlog::spdlog_ex& why) {
        throw runtime_failure({errc::io_error, "cannot log to " + path + ": " + why.what() +
                                                   ". Name a file that this user may write, or stderr."});
    }
}

void to_syslog() {
    const std::string name = spdlog::default_logger()->name();
    change_sink(std::make_shared<spdlog::sinks::syslog_sink_mt>(name, LOG_PID, LOG_DAEMON, false));
}

void to_nowhere() { change_sink(std::make_shared<spdlog::sinks::null_sink_mt>()); }

void reopen() {
    auto* const file = dynamic_cast<file_sink*>(spdlog::default_logger()->sinks().front().get());
    if (file == nullptr) return;
    try {
        file->reopen();
    } catch (const spdlog::spdlog_ex& why) {
        spdlog::warn("the log file could not be opened again: {}", why.what());
    }
}

}  // namespace sheaf::log
