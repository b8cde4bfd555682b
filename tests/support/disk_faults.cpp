#include "support/disk_faults.hpp"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>

#include "support/preload.hpp"
#include "support/process.hpp"

namespace sheaf::test {
namespace {

constexpr const char* board_name = "board";

void copy_name(std::string_view from, std::array<char, 128>& to) {
    if (from.size() >= to.size()) throw peer_failure("too long for a rule: " + std::string(from));
    to.fill('\0');
    std::ranges::copy(from, to.begin());
}

}  // namespace

disk_faults::disk_faults() {
    const std::string path = (place_ / board_name).string();
    const unique_fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file || ::ftruncate(file.get(), sizeof(shim::board)) != 0) throw_errno(path);
    void* const at = ::mmap(nullptr, sizeof(shim::board), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (at == MAP_FAILED) throw_errno("mmap " + path);
    board_ = static_cast<shim::board*>(at);
}

disk_faults::~disk_faults() { ::munmap(board_, sizeof(shim::board)); }

std::vector<std::string> disk_faults::environment(const std::vector<std::string>& preloaded) const {
    std::string libraries = SHEAF_FAULT_SHIM;
    for (const std::string& one : preloaded) libraries += ":" + one;
    return {"LD_PRELOAD=" + libraries, std::string(shim::board_variable) + "=" + (place_ / board_name).string(),
            preload_beside_sanitizers()};
}

disk_faults::rule_number disk_faults::arm(const disk_fault& what) {
    const auto free = std::ranges::find_if(board_->rules, [](const shim::rule& one) { return one.armed == 0; });
    if (free == board_->rules.end()) throw peer_failure("there are eight rules already");
    free->of = what.of;
    free->what = what.what;
    free->error = what.error;
    free->milliseconds = what.milliseconds;
    copy_name(what.file, free->file);
    free->passing = what.passing;
    free->left = what.times;
    free->hits = 0;
    free->armed.store(1, std::memory_order_release);
    return static_cast<rule_number>(free - board_->rules.begin());
}

void disk_faults::disarm(rule_number one) { board_->rules.at(one).armed = 0; }

void disk_faults::disarm_all() {
    for (shim::rule& one : board_->rules) one.armed = 0;
}

std::uint64_t disk_faults::hits(rule_number one) const { return board_->rules.at(one).hits; }

void disk_faults::start_log(std::string_view file) {
    copy_name(file, board_->logged_file);
    board_->logging.store(1, std::memory_order_release);
}

std::vector<disk_event> disk_faults::log() const {
    const std::string text = read_file((place_ / board_name).string() + shim::log_suffix);
    std::vector<disk_event> events;
    for (std::size_t at = 0; at < text.size();) {
        shim::record_head head{};
        if (text.size() - at < sizeof head) break;  // the process was killed while it wrote this
        std::memcpy(&head, text.data() + at, sizeof head);
        at += sizeof head;
        if (text.size() - at < head.path_bytes || text.size() - at - head.path_bytes < head.data_bytes) break;
        events.push_back({head.sequence, head.what, text.substr(at, head.path_bytes),
                          text.substr(at + head.path_bytes, head.data_bytes)});
        at += head.path_bytes + head.data_bytes;
    }
    std::ranges::sort(events, {}, &disk_event::sequence);
    return events;
}

}  // namespace sheaf::test
