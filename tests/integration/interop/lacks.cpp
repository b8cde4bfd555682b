#include "integration/interop/lacks.hpp"

#include <algorithm>
#include <sstream>

namespace sheaf::test::interop {
namespace {

outcome without(outcome lines, std::string_view word) {
    std::erase_if(lines, [&](const std::string& line) { return line.starts_with(word); });
    return lines;
}

/// Data and result in one piece.
outcome merged(outcome lines) {
    outcome merged;
    std::string output;
    for (const std::string& line : lines) {
        const auto blank = line.find(' ');
        const std::string word = line.substr(0, blank);
        if (word == "data" || word == "complete") {
            output += line.substr(blank + 1);
        } else {
            merged.push_back(line);
        }
    }
    merged.push_back("complete " + output);
    return merged;
}

outcome as_percents(outcome lines) {
    for (std::string& line : lines) {
        std::istringstream words(line);
        std::string word;
        int numerator = 0, denominator = 0;
        if (words >> word >> numerator >> denominator && word == "status") {
            line = "status " + std::to_string(numerator * 100 / denominator) + " 100";
        }
    }
    return lines;
}

constexpr lack lacks[] = {
    {peer::tool, role::client, feature::data, "prints data and the result without a seam", merged},
    {peer::tool, role::client, feature::exception, "is told by a WORK_FAIL with a NUL too many, which it overlooks",
     [](outcome seen) -> outcome {
         return seen == outcome{"fail"} ? std::move(seen) : outcome{std::string(waits_for_ever)};
     },
     server::gearmand},
    {peer::tool, role::client, feature::exception, "does not ask for exceptions, so that it is told of a failure",
     [](outcome) -> outcome { return {"fail"}; }},
    {peer::tool, role::client, feature::status, "prints percents", as_percents},
    {peer::tool, role::client, feature::job_status, "has no command for the status of a job",
     [](outcome seen) { return without(std::move(seen), "known"); }},

    {peer::tool, role::worker, feature::data, "with -n sends the lines before a line again with it, and no result",
     [](outcome) -> outcome {
         return {"data one\n", "data one\ntwo\n", "data one\ntwo\nthree\n", "complete "};
     }},
    {peer::tool, role::worker, feature::warning, "has no way for a command to warn",
     [](outcome seen) { return without(std::move(seen), "warning"); }},
    {peer::tool, role::worker, feature::exception, "has no way for a command to throw: it fails",
     [](outcome) -> outcome { return {"fail"}; }},
    {peer::tool, role::worker, feature::status, "has no way for a command to tell its status",
     [](outcome seen) { return without(std::move(seen), "status"); }},
    {peer::tool, role::worker, feature::job_status, "has no way for a command to tell its status",
     [](outcome) -> outcome {
         return {"created", "known 1 1 0 0"};
     }},
    {peer::tool, role::worker, feature::key, "does not tell a command the job's key",
     [](outcome) -> outcome {
         return {"complete hello", "ran hello"};
     }},

    {peer::perl, role::worker, feature::key, "Gearman::Worker grabs jobs without their keys",
     [](outcome) -> outcome {
         return {"complete hello", "ran hello"};
     }},

    {peer::node, role::worker, feature::large, "gearmanode makes a text of a result",
     [](outcome) -> outcome { return {"complete with other bytes"}; }},
};

}  // namespace

std::span<const lack> all_lacks() { return lacks; }

const lack* find_lack(server where, peer who, role as, feature which) {
    const auto applies = [&](const lack& one) {
        return one.who == who && one.as == as && one.which == which && one.only.value_or(where) == where;
    };
    const auto* const found = std::ranges::find_if(lacks, applies);
    return found == std::end(lacks) ? nullptr : found;
}

outcome expected(server where, feature which, peer client, peer worker) {
    outcome seen = ideal(which);
    if (const lack* const one = find_lack(where, worker, role::worker, which)) seen = one->seen(std::move(seen));
    if (const lack* const one = find_lack(where, client, role::client, which)) seen = one->seen(std::move(seen));
    return seen;
}

}  // namespace sheaf::test::interop
