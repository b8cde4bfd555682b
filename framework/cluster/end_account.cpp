#include "cluster/end_account.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <signal.h>

#include "base/parse_number.hpp"

namespace sheaf::detail {
namespace {

std::string in_mebibytes(std::uint64_t kib) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f MiB", static_cast<double>(kib) / 1024);
    return text.data();
}

}  // namespace

std::string account_of(const exit_report& how, const end_circumstances& around) {
    std::string text = describe(how);
    if (how.signal != SIGKILL) return text;
    if (around.killed_by_us) return text + ", which its supervisor sent because it should have ended and had not";
    text += around.memory_ran_out ? ", probably by the kernel, which ran out of memory while it ran"
                                  : ", which Sheaf did not send";
    if (how.peak_kib != 0) text += "; at most it had " + in_mebibytes(how.peak_kib) + " of memory";
    return text;
}

std::optional<std::uint64_t> count_memory_kills() {
    std::ifstream file("/proc/vmstat");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return memory_kills_in(text);
}

std::optional<std::uint64_t> memory_kills_in(std::string_view vmstat) {
    constexpr std::string_view key = "oom_kill ";
    while (!vmstat.empty()) {
        std::string_view line = vmstat.substr(0, vmstat.find('\n'));
        vmstat.remove_prefix(std::min(line.size() + 1, vmstat.size()));
        if (!line.starts_with(key)) continue;
        line.remove_prefix(key.size());
        return parse_number<std::uint64_t>(line);
    }
    return std::nullopt;
}

}  // namespace sheaf::detail
