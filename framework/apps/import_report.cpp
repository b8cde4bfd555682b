#include "apps/import_report.hpp"

#include <cstdio>

#include "base/printable.hpp"

namespace sheaf::apps {

void import_summary::add(const gearmand_job& job) {
    counts& here = functions_[job.function];
    ++here.jobs;
    here.high += job.priority == runtime::job_priority::high ? 1 : 0;
    here.low += job.priority == runtime::job_priority::low ? 1 : 0;
    here.later += is_for_later(job) ? 1 : 0;
    here.without_key += job.unique.empty() ? 1 : 0;
    here.bytes += job.payload.size();
}

void import_summary::print() const {
    std::puts("function\tjobs\thigh\tlow\tfor later\twithout key\tbytes");
    for (const auto& [name, of] : functions_) {
        std::printf("%s\t%zu\t%zu\t%zu\t%zu\t%zu\t%zu\n", printable(name).c_str(), of.jobs, of.high, of.low, of.later,
                    of.without_key, of.bytes);
    }
}

void import_exceptions::senseless(const gearmand_job& job) {
    ++left_out_;
    std::fprintf(stderr, "%s: row %lld makes no sense: %s\n", import_name, static_cast<long long>(job.row),
                 job.fault.c_str());
}

void import_exceptions::refused(const gearmand_job& job, const std::string& why) {
    ++left_out_;
    std::fprintf(stderr, "%s: row %lld, of function %s with %s, is left out: %s\n", import_name,
                 static_cast<long long>(job.row), printable(job.function).c_str(),
                 job.unique.empty() ? "no key" : ("key " + printable(job.unique)).c_str(), printable(why).c_str());
}

void import_exceptions::full(const gearmand_job& job, const std::string& why) {
    ++left_out_;
    if (!full_.insert(job.function).second) return;
    std::fprintf(stderr, "%s: jobs of function %s are left out: %s\n", import_name, printable(job.function).c_str(),
                 printable(why).c_str());
}

}  // namespace sheaf::apps
