// k-means over points that the workers keep: only centroids and sums travel. See README.md.
#include <cmath>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "clustering.hpp"
#include "options.hpp"
#include <sheaf/reduce.hpp>
#include <sheaf/sheaf.hpp>

// Which points a shard has: enough for any worker to make them.
struct shard {
    std::uint64_t seed = 0;
    std::uint32_t number = 0;
    std::uint64_t points = 0;

    friend auto operator<=>(const shard&, const shard&) = default;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(seed), CEREAL_NVP(number), CEREAL_NVP(points));
    }
};

inline constexpr sheaf::task<"kmeans.summarize", summary(shard, std::vector<point>), sheaf::idempotent>
    summarize_shard{};

// The points of the shards that a worker has been asked for: made the first time, and kept for the next iterations.
using kept_points = std::map<shard, std::vector<point>>;

summary summarize_kept(const sheaf::context& context, const shard& of, const std::vector<point>& centroids) {
    const auto [at, is_new] = context.state<kept_points>().try_emplace(of);
    if (is_new) at->second = make_points(of.seed, of.number, of.points);
    return summarize(at->second, centroids);
}

// One iteration: every shard gets the centroids, and what the shards say is added up as it comes.
summary summarize_all(sheaf::cluster& cluster, const options& how, const std::vector<point>& centroids) {
    std::vector<std::pair<shard, std::vector<point>>> calls;
    for (std::uint32_t i = 0; i < how.shards; ++i) calls.emplace_back(shard{how.seed, i, how.points}, centroids);
    const sheaf::scatter_options patient{.call = {.retry = sheaf::retry{3}}};  // workers may die
    return sheaf::reduce(cluster.scatter(summarize_shard, calls, patient), std::plus<>{}, summary{});
}

void print(const std::vector<point>& centroids, const summary& all) {
    for (std::size_t i = 0; i < centroids.size(); ++i) {
        std::cout << all.clusters[i].points << " points around (" << centroids[i].x << ", " << centroids[i].y << ")\n";
    }
}

int run(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    const auto read = read_options(arguments);
    if (const int* status = std::get_if<int>(&read)) return *status;
    const options& how = std::get<options>(read);

    std::vector<point> centroids = first_centroids(how.seed, how.clusters);
    for (unsigned iteration = 1; iteration <= how.iterations; ++iteration) {
        const summary all = summarize_all(cluster, how, centroids);
        const std::vector<point> next = centres(all, centroids);
        const double move = largest_move(centroids, next);
        std::cout << "iteration " << iteration << ": spread " << std::lround(all.spread()) << ", moves of up to "
                  << std::lround(move) << std::endl;
        centroids = next;
        if (move > how.tolerance) continue;
        print(centroids, all);
        return 0;
    }
    std::cerr << "kmeans: not settled after " << how.iterations << " iterations\n";
    return 1;
}

int main(int argc, char** argv) {
    sheaf::app app{"kmeans"};
    app.slot_state<kept_points>();
    app.bind(summarize_shard, summarize_kept);
    return app.run(argc, argv, run);
}
