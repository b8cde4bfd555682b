// Points in a square, and the steps of k-means over them. All in whole numbers, so that sums are the same in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <cereal/cereal.hpp>

struct point {
    std::int32_t x = 0;
    std::int32_t y = 0;

    friend bool operator==(const point&, const point&) = default;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(x), CEREAL_NVP(y));
    }
};

inline constexpr std::int32_t side = 1'000'000;  // of the square

// The points of a shard: `count` of them, around some towns that are the same for all shards with this seed.
std::vector<point> make_points(std::uint64_t seed, std::uint32_t shard, std::size_t count);

// Where k-means begins: some of shard 0's points, each as far as can be from those before it.
std::vector<point> first_centroids(std::uint64_t seed, std::size_t clusters);

// What one shard, or several, say of the points that are nearest to each centroid.
struct summary {
    struct cluster {
        std::uint64_t points = 0;
        std::int64_t sum_x = 0;
        std::int64_t sum_y = 0;

        template <class Archive>
        void serialize(Archive& archive) {
            archive(CEREAL_NVP(points), CEREAL_NVP(sum_x), CEREAL_NVP(sum_y));
        }
    };
    std::vector<cluster> clusters;
    std::uint64_t points = 0;             // in all clusters
    std::uint64_t squared_distances = 0;  // of all points to their centroids

    // What both say.
    friend summary operator+(summary one, const summary& other);
    // The root of the mean of the squared distances.
    [[nodiscard]] double spread() const;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(clusters), CEREAL_NVP(points), CEREAL_NVP(squared_distances));
    }
};

summary summarize(const std::vector<point>& points, const std::vector<point>& centroids);

// How far the centroid that moved most has moved.
double largest_move(const std::vector<point>& before, const std::vector<point>& after);

// The middle of each cluster. One that has no points stays where it was, in `before`.
std::vector<point> centres(const summary& all, const std::vector<point>& before);
