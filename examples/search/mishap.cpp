#include "mishap.hpp"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <unistd.h>

namespace fs = std::filesystem;

void mishap::happen(std::uint32_t asked, const sheaf::context& context) const {
    if (asked != shard || !fs::create_directory(mark)) return;
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait(lock, context.stop_token(), [] { return false; });
}

planned_mishap::planned_mishap(std::optional<std::uint32_t> shard)
    : what_{shard, (fs::temp_directory_path() / ("search-" + std::to_string(::getpid()))).string()} {
    fs::remove(what_.mark);  // of a process that had the same number and was killed
}

planned_mishap::~planned_mishap() {
    std::error_code ignored;
    fs::remove(what_.mark, ignored);
}
