#include <cstdio>
#include <filesystem>
#include <string>

#include "apps/sheaf_commands.hpp"
#include "base/failure_text.hpp"
#include "base/printable.hpp"
#include "store/check_job_file.hpp"
#include "store/job_file_refusals.hpp"
#include "store/sqlite_schema.hpp"

namespace sheaf::apps {
namespace {

constexpr const char* self = "sheaf queue check";

std::string counted(std::uint64_t number, const char* one) {
    return std::to_string(number) + " " + one + (number == 1 ? "" : "s");
}

int tell(const std::filesystem::path& path, const store::job_file_account& found) {
    for (const std::string& fault : found.faults) {
        std::fprintf(stderr, "%s: %s: %s\n", self, printable(path.string()).c_str(), printable(fault).c_str());
    }
    if (!found.faults.empty()) {
        std::fprintf(stderr, "%s: it is damaged. %s\n", self, printable(store::way_out_of_damage(path)).c_str());
        return exit_failed;
    }
    for (const std::string& loss : found.losses) {
        std::fprintf(stderr, "%s: %s: %s\n", self, printable(path.string()).c_str(), printable(loss).c_str());
    }
    std::printf("%s: format %lld, %s, %s, %s, %s, %s; %s\n", printable(path.string()).c_str(),
                static_cast<long long>(found.format), counted(found.jobs, "job").c_str(),
                counted(found.results, "result").c_str(), counted(found.letters, "dead letter").c_str(),
                counted(found.runs, "run").c_str(), counted(found.bytes, "byte").c_str(),
                found.losses.empty() ? "all is well" : "all else is well");
    if (found.losses.empty() && found.log_bytes_after != 0) {
        std::printf(
            "its log ends with %llu bytes of a commit that was never whole, as when a server is killed: nothing that "
            "was acknowledged\n",
            static_cast<unsigned long long>(found.log_bytes_after));
    }
    return found.losses.empty() ? exit_ok : exit_failed;
}

}  // namespace

int run_queue_check(const std::string& named) {
    std::error_code why;
    const std::filesystem::path path = std::filesystem::is_directory(named, why)
                                           ? std::filesystem::path(named) / store::job_file_name
                                           : std::filesystem::path(named);
    try {
        return tell(path, store::check_job_file(path));
    } catch (const runtime_failure& failure) {
        return report(self, error_of(failure));
    }
}

}  // namespace sheaf::apps
