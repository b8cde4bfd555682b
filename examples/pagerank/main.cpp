// PageRank: rounds of a map/reduce job, each of which reads what the last one left on the workers.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cereal/types/vector.hpp>

#include <sheaf/app.hpp>
#include <sheaf/command_line.hpp>
#include <sheaf/inputs.hpp>
#include <sheaf/map_reduce.hpp>

// [graph]
using page = std::uint32_t;

// What a page has between rounds: its rank, and where its links go.
struct standing {
    double rank = 0;
    std::vector<page> links;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(rank, links);
    }
};

// The graph: lines of "from to" become the pages with their links. A page that only is linked to gets no links.
inline constexpr sheaf::map_reduce<"pagerank.graph", page, std::vector<page>> read_graph{};

std::vector<std::pair<page, std::vector<page>>> read_link(std::string_view line) {
    page from = 0;
    page to = 0;
    const char* const end = line.data() + line.size();
    const auto first = std::from_chars(line.data(), end, from);
    if (first.ec != std::errc{} || first.ptr == end) throw std::invalid_argument("no link: " + std::string(line));
    const auto second = std::from_chars(first.ptr + 1, end, to);
    if (second.ec != std::errc{} || second.ptr != end) throw std::invalid_argument("no link: " + std::string(line));
    return {{from, {to}}, {to, {}}};
}

void collect_links(page from, auto& links, sheaf::emitter<page, standing>& out) {
    standing one{.rank = 1, .links = {}};
    for (const std::vector<page>& some : links) one.links.insert(one.links.end(), some.begin(), some.end());
    out.emit(from, one);
}
// [/graph]

// [round]
// One round: each page gives its rank away along its links, and keeps them. Ranks are scaled so that their mean is 1.
inline constexpr sheaf::map_reduce<"pagerank.round", page, standing> spread{};

constexpr double damping = 0.85;

void give_away(const sheaf::pair_split<page, standing>& in, sheaf::emitter<page, standing>& out) {
    for (const auto& [from, one] : in.records()) {
        const double share = damping * one.rank / static_cast<double>(std::max<std::size_t>(one.links.size(), 1));
        for (const page to : one.links) out.emit(to, {.rank = share, .links = {}});
        out.emit(from, {.rank = 0, .links = one.links});
    }
}

void add_up(page to, auto& parts, sheaf::emitter<page, standing>& out) {
    standing one{.rank = 1 - damping, .links = {}};
    for (const standing& part : parts) {
        one.rank += part.rank;
        if (!part.links.empty()) one.links = part.links;
    }
    out.emit(to, one);
}
// [/round]

// [last]
// The last step forgets the links.
inline constexpr sheaf::map_reduce<"pagerank.ranks", page, double> ranks_only{};

void take_rank(const sheaf::pair_split<page, standing>& in, std::string& out) {
    for (const auto& [which, one] : in.records()) {
        char line[64];
        out.append(line, static_cast<std::size_t>(std::snprintf(line, sizeof line, "%u\t%.9f\n", which, one.rank)));
    }
}
// [/last]

int run(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    CLI::App reader("Ranks pages by the links between them: lines of two numbers, from and to.", "pagerank");
    sheaf::map_reduce_options tuning;
    std::string output;
    unsigned rounds = 10;
    std::vector<std::string> inputs;
    reader.add_option("inputs", inputs, "Files of links, and directories of such files.")
        ->required()
        ->type_name("FILE|DIR");
    reader.add_option("--output", output, "The directory to make: lines of page and rank.")
        ->required()
        ->type_name("DIR")
        ->allow_extra_args(false);
    reader.add_option("--rounds", rounds, "How often ranks are passed on.")
        ->check(CLI::Range(1U, 1000U))
        ->capture_default_str();
    sheaf::add_run_options(reader, tuning);
    if (const auto status = sheaf::parse_arguments(reader, arguments)) return *status;
    // [run]
    const auto with = [&tuning](sheaf::input in, sheaf::output out) {
        sheaf::map_reduce_options how = tuning;
        how.input = std::move(in);
        how.output = std::move(out);
        return how;
    };
    sheaf::dataset pages = read_graph.run(cluster, with(sheaf::text_files(inputs), sheaf::kept())).dataset;
    for (unsigned round = 0; round < rounds; ++round) {
        pages = spread.run(cluster, with(pages, sheaf::kept())).dataset;
    }
    std::cerr << ranks_only.run(cluster, with(pages, output));
    // [/run]
    return 0;
}

// [main]
int main(int argc, char** argv) {
    sheaf::app app("pagerank");
    app.bind(read_graph, sheaf::map_each(read_link).reduce_to<page, standing>(
                             [](page from, auto& links, auto& out) { collect_links(from, links, out); }));
    app.bind(spread, sheaf::map_with(give_away).reduce_to<page, standing>(
                         [](page to, auto& parts, auto& out) { add_up(to, parts, out); }));
    app.bind(ranks_only, sheaf::map_with(take_rank).map_only());
    return app.run(argc, argv, run);
}
// [/main]
