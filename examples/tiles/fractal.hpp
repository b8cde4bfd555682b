// The Mandelbrot set, in colours.
#pragma once

#include <cstdint>
#include <vector>

#include <cereal/cereal.hpp>

// A picture: its size in pixels, and the part of the complex plane that it shows.
struct scene {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    double centre_re = 0;
    double centre_im = 0;
    double extent_re = 0;     // from the left edge to the right one
    std::uint32_t depth = 0;  // steps after which a point counts as one that never leaves

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(width), CEREAL_NVP(height), CEREAL_NVP(centre_re), CEREAL_NVP(centre_im),
                CEREAL_NVP(extent_re), CEREAL_NVP(depth));
    }
};

// Pixels from (x, y) on.
struct tile {
    std::uint32_t x = 0;
    std::uint32_t y = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(x), CEREAL_NVP(y), CEREAL_NVP(width), CEREAL_NVP(height));
    }
};

// Red, green and blue of each pixel, row by row.
using pixels = std::vector<std::uint8_t>;
inline constexpr std::uint32_t channels = 3;

// Tiles of `side` pixels that cover the picture; smaller ones at its right and lower edges.
std::vector<tile> cut(const scene& what, std::uint32_t side);

// The pixels of one tile. The same, bit for bit, whichever tiles the picture is cut into.
pixels render(const scene& what, const tile& part);
