#include "clustering.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace {

constexpr int towns = 12;
constexpr std::int32_t town_radius = side / 20;

// Evenly spread over [0, below). std::uniform_int_distribution differs between libraries.
std::int32_t draw(std::mt19937_64& random, std::int32_t below) {
    return static_cast<std::int32_t>((random() >> 33) % static_cast<std::uint64_t>(below));
}

// Around 0, more often near it than far away.
std::int32_t draw_offset(std::mt19937_64& random) {
    std::int32_t sum = 0;
    for (int i = 0; i < 4; ++i) sum += draw(random, town_radius) - town_radius / 2;
    return sum;
}

std::vector<point> make_towns(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<point> centres(towns);
    for (point& one : centres) one = {draw(random, side), draw(random, side)};
    return centres;
}

std::uint64_t squared_distance(const point& a, const point& b) {
    const std::int64_t dx = std::int64_t{a.x} - b.x;
    const std::int64_t dy = std::int64_t{a.y} - b.y;
    return static_cast<std::uint64_t>(dx * dx + dy * dy);
}

}  // namespace

std::vector<point> make_points(std::uint64_t seed, std::uint32_t shard, std::size_t count) {
    const std::vector<point> around = make_towns(seed);
    std::mt19937_64 random(seed + 1 + shard);
    std::vector<point> points(count);
    for (point& one : points) {
        const point& town = around[random() % around.size()];
        one = {std::clamp(town.x + draw_offset(random), 0, side), std::clamp(town.y + draw_offset(random), 0, side)};
    }
    return points;
}

std::vector<point> first_centroids(std::uint64_t seed, std::size_t clusters) {
    constexpr std::size_t candidates_per_cluster = 50;
    const std::vector<point> candidates = make_points(seed, 0, clusters * candidates_per_cluster);
    std::vector<point> chosen{candidates[0]};
    const auto nearest = [&](const point& one) {
        std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
        for (const point& other : chosen) least = std::min(least, squared_distance(one, other));
        return least;
    };
    while (chosen.size() < clusters) chosen.push_back(*std::ranges::max_element(candidates, {}, nearest));
    return chosen;
}

summary operator+(summary one, const summary& other) {
    one.clusters.resize(std::max(one.clusters.size(), other.clusters.size()));
    for (std::size_t i = 0; i < other.clusters.size(); ++i) {
        one.clusters[i].points += other.clusters[i].points;
        one.clusters[i].sum_x += other.clusters[i].sum_x;
        one.clusters[i].sum_y += other.clusters[i].sum_y;
    }
    one.points += other.points;
    one.squared_distances += other.squared_distances;
    return one;
}

double summary::spread() const {
    return std::sqrt(static_cast<double>(squared_distances) / static_cast<double>(points));
}

summary summarize(const std::vector<point>& points, const std::vector<point>& centroids) {
    summary result{.clusters = std::vector<summary::cluster>(centroids.size()), .points = points.size()};
    for (const point& one : points) {
        std::size_t nearest = 0;
        std::uint64_t least = squared_distance(one, centroids[0]);
        for (std::size_t i = 1; i < centroids.size(); ++i) {
            const std::uint64_t distance = squared_distance(one, centroids[i]);
            if (distance >= least) continue;
            least = distance;
            nearest = i;
        }
        summary::cluster& joined = result.clusters[nearest];
        ++joined.points;
        joined.sum_x += one.x;
        joined.sum_y += one.y;
        result.squared_distances += least;
    }
    return result;
}

double largest_move(const std::vector<point>& before, const std::vector<point>& after) {
    std::uint64_t most = 0;
    for (std::size_t i = 0; i < after.size(); ++i) most = std::max(most, squared_distance(before[i], after[i]));
    return std::sqrt(static_cast<double>(most));
}

std::vector<point> centres(const summary& all, const std::vector<point>& before) {
    std::vector<point> middle = before;
    for (std::size_t i = 0; i < middle.size(); ++i) {
        const summary::cluster& one = all.clusters[i];
        const auto count = static_cast<std::int64_t>(one.points);
        if (count == 0) continue;
        middle[i] = {static_cast<std::int32_t>(one.sum_x / count), static_cast<std::int32_t>(one.sum_y / count)};
    }
    return middle;
}
