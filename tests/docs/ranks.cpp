// The guide's page about map/reduce: rounds, of which each reads what the one before has kept.
#include <cmath>
#include <cstdint>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/inputs.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

// [types]
struct page {
    double rank = 1;
    std::vector<std::string> links;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(rank, links);
    }
};
inline constexpr sheaf::map_reduce<"pages", std::string, std::string> read_pages{};
inline constexpr sheaf::map_reduce<"ranks", std::string, page> spread_ranks{};
// [/types]

// [steps]
void bind_jobs(sheaf::app& app) {
    app.bind(read_pages, sheaf::map_each([](std::string_view line) {
                             const auto blank = line.find(' ');
                             return std::pair(line.substr(0, blank), line.substr(blank + 1));
                         }).reduce_to<std::string, page>([](std::string_view name, auto& links, auto& out) {
        page made;
        for (const std::string& one : links) made.links.push_back(one);
        out.emit(name, std::move(made));
    }));
    // A page sends its links to itself, so that the next round has them, and a share of its rank along each.
    app.bind(spread_ranks, sheaf::map_with([](const sheaf::pair_split<std::string, page>& in,
                                              sheaf::emitter<std::string, page>& out) {
                               for (const auto& [name, one] : in.records()) {
                                   out.emit(name, {0, one.links});
                                   for (const std::string& link : one.links) {
                                       out.emit(link, {one.rank / static_cast<double>(one.links.size()), {}});
                                   }
                               }
                           }).reduce_to<std::string, page>([](std::string_view name, auto& parts, auto& out) {
        page made{0.15, {}};
        for (const page& part : parts) {
            made.rank += 0.85 * part.rank;
            if (!part.links.empty()) made.links = part.links;
        }
        out.emit(name, std::move(made));
    }));
}
// [/steps]

int main(int argc, char** argv) {
    sheaf::app app{"ranks"};
    bind_jobs(app);
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> files) {
        // [rounds]
        sheaf::dataset ranks =
            read_pages.run(cluster, {.input = sheaf::text_files({files.begin(), files.end()}), .output = sheaf::kept()})
                .dataset;
        for (int round = 0; round < 9; ++round) {
            ranks = spread_ranks.run(cluster, {.input = ranks, .output = sheaf::kept()}).dataset;
        }
        std::map<std::string, page> last;
        spread_ranks.run(cluster, {.input = ranks, .output = sheaf::into(last)});
        // [/rounds]
        for (const auto& [name, one] : last) std::cout << name << ' ' << std::lround(100 * one.rank) << '\n';
        return 0;
    });
}
