// Searches many shards at once, and answers by a deadline with what has come. See README.md.
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "mishap.hpp"
#include "options.hpp"
#include "shard.hpp"
#include <sheaf/gather.hpp>
#include <sheaf/sheaf.hpp>

struct query {
    std::vector<std::string> words;
    std::uint64_t top = 0;
    mishap trouble;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(words), CEREAL_NVP(top), CEREAL_NVP(trouble));
    }
};

// Idempotent: a shard may be asked twice, which is what lets a slow answer be hedged.
inline constexpr sheaf::task<"search.shard", std::vector<hit>(query, std::uint32_t), sheaf::idempotent> search_shard{};

// The shards that a worker has been asked for: made when first asked for, and kept.
using kept_shards = std::map<std::uint32_t, shard>;

std::vector<hit> search(const sheaf::context& context, const query& what, std::uint32_t number) {
    what.trouble.happen(number, context);
    const auto at = context.state<kept_shards>().try_emplace(number, number).first;
    return at->second.search(what.words, what.top);
}

void print(const std::vector<hit>& hits) {
    for (const hit& one : hits) {
        std::cout << std::fixed << std::setprecision(2) << std::setw(6) << one.score << "  shard " << one.shard
                  << ", page " << one.page << ": " << one.text << '\n';
    }
}

int run(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    const auto read = read_options(arguments);
    if (const int* status = std::get_if<int>(&read)) return *status;
    const options& how = std::get<options>(read);

    const planned_mishap trouble(how.hang);
    const query what{how.words, how.top, trouble.what()};
    std::vector<std::pair<query, std::uint32_t>> asked;
    for (std::uint32_t number = 0; number < how.shards; ++number) asked.emplace_back(what, number);

    // Each shard in a job of its own: one that hangs holds up no other.
    const sheaf::scatter_options each{.pack = sheaf::packing::none(), .call = {.hedge = how.hedge}};
    const auto answers = sheaf::gather(cluster.scatter(search_shard, asked, each), sheaf::best_effort(how.deadline));

    std::vector<hit> best;
    for (const auto& [number, found] : answers.values()) merge_hits(best, found, how.top);
    print(best);
    std::cout << "from " << answers.values().size() << " of " << answers.elements() << " shards";
    const char* before = "; missing: ";
    for (const std::size_t number : answers.missing()) std::cout << std::exchange(before, ", ") << number;
    std::cout << '\n';
    for (const auto& [number, why] : answers.failures()) std::cerr << sheaf::describe(why) << '\n';
    return 0;
}

int main(int argc, char** argv) {
    sheaf::app app{"search"};
    app.slot_state<kept_shards>();
    app.bind(search_shard, search);
    return app.run(argc, argv, run);
}
