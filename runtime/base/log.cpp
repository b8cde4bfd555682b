#include "base/log.hpp"

#include <memory>

#include <spdlog/sinks/stdout_sinks.h>

namespace sheaf::log {

void start(const std::string& name, spdlog::level::level_enum level) {
    auto logger = std::make_shared<spdlog::logger>(name, std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_level(level);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %n: %v");
    spdlog::set_default_logger(std::move(logger));
}

}  // namespace sheaf::log
