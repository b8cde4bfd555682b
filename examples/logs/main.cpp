// Analyses web logs in a pipeline: parse, filter, sessions, the pages that were asked for most. See README.md.
#include <iostream>
#include <ranges>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "analysis.hpp"
#include "log_maker.hpp"
#include "options.hpp"
#include <sheaf/pipeline.hpp>
#include <sheaf/sheaf.hpp>

using visits = std::vector<visit>;
inline constexpr sheaf::task<"logs.parse", visits(std::string), sheaf::throws<unreadable>> parse{};
inline constexpr sheaf::task<"logs.sessions", sessions(visits)> count_sessions{};
inline constexpr sheaf::task<"logs.pages", page_counts(visits)> rank_pages{};

struct day_report {
    sessions seen;
    page_counts pages;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(seen), CEREAL_NVP(pages));
    }
};

int run(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    const auto read = read_options(arguments);
    if (const int* status = std::get_if<int>(&read)) return *status;
    const options& how = std::get<options>(read);

    // A log that cannot be read is left out, and said below; a worker that dies is asked again.
    const sheaf::call_options again{.retry = sheaf::retry{3}};
    const auto plan =
        sheaf::pipeline("logs") |
        sheaf::stage(parse, {.call = again, .window = 4, .on_failure = sheaf::on_failure::skip}) |
        sheaf::transform(answered, {.name = "answered"}) |
        sheaf::filter([](const visits& day) { return !day.empty(); }, {.name = "not empty"}) |
        sheaf::fork(sheaf::stage(count_sessions, {.call = again}), sheaf::stage(rank_pages, {.call = again})) |
        sheaf::join([](sessions seen, page_counts pages) {
            return day_report{seen, std::move(pages)};
        });
    if (how.draw) return (std::cout << plan.dot()).good() ? 0 : 1;

    const made_logs logs(how.seed, how.days, how.lines);
    const auto paths = std::views::iota(0U, how.days + how.missing) |
                       std::views::transform([&](std::uint32_t day) { return logs.path(day); });

    page_counts all;
    auto days = cluster.start(plan, paths, {.in_order = true});
    for (auto& [day, report] : days) {
        std::cout << "day " << day << ": " << report.seen.count << " sessions, " << report.seen.pages
                  << " pages, the longest " << report.seen.longest << '\n';
        for (const auto& [page, count] : report.pages) all[page] += count;
    }
    for (const auto& [page, count] : top(all, how.top)) std::cout << count << ' ' << page << '\n';
    for (const sheaf::stage_summary& stage : days.summary().stages) {
        if (stage.failed != 0) std::cerr << "logs: " << stage.failed << " failed at " << stage.name << '\n';
    }
    return 0;
}

int main(int argc, char** argv) {
    sheaf::app app{"logs"};
    app.bind(parse, read_log).bind(count_sessions, find_sessions).bind(rank_pages, count_pages);
    return app.run(argc, argv, run);
}
