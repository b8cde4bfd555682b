#include "fractal.hpp"

#include <algorithm>
#include <cmath>

namespace {

constexpr int samples = 2;  // per pixel, in each direction
constexpr double pi = 3.14159265358979323846;

struct colour {
    double red = 0;
    double green = 0;
    double blue = 0;
};

// How fast the point leaves, smoothly from one step to the next; negative when it never does.
double escape_time(double point_re, double point_im, std::uint32_t depth) {
    double re = 0;
    double im = 0;
    for (std::uint32_t step = 0; step < depth; ++step) {
        const double re2 = re * re;
        const double im2 = im * im;
        if (re2 + im2 > 256.0) return step + 1 - std::log2(std::log2(re2 + im2) / 2);
        im = 2 * re * im + point_im;
        re = re2 - im2 + point_re;
    }
    return -1;
}

// Black inside; outside, waves of three lengths, from deep blue over white to amber.
colour colour_of(double time) {
    if (time < 0) return {};
    const double phase = std::log2(time + 2) * 2.2;
    const auto wave = [&](double shift) { return 0.5 - 0.5 * std::cos(phase + shift * pi); };
    return {wave(0.80), wave(0.95), wave(1.15)};
}

// Over a grid of points within the pixel, which makes edges smooth.
colour mean_colour(const scene& what, std::uint32_t x, std::uint32_t y) {
    constexpr int count = samples * samples;
    const double step = what.extent_re / what.width;
    const auto away = [](std::uint32_t pixel, int sample, std::uint32_t pixels) {
        return pixel + (sample + 0.5) / samples - pixels / 2.0;  // from the middle, in pixels
    };
    colour mean;
    for (int i = 0; i < count; ++i) {
        const double re = what.centre_re + step * away(x, i % samples, what.width);
        const double im = what.centre_im - step * away(y, i / samples, what.height);
        const colour one = colour_of(escape_time(re, im, what.depth));
        mean = {mean.red + one.red / count, mean.green + one.green / count, mean.blue + one.blue / count};
    }
    return mean;
}

std::uint8_t to_byte(double brightness) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(std::sqrt(brightness), 0.0, 1.0) * 255));
}

}  // namespace

std::vector<tile> cut(const scene& what, std::uint32_t side) {
    std::vector<tile> tiles;
    for (std::uint32_t y = 0; y < what.height; y += side) {
        for (std::uint32_t x = 0; x < what.width; x += side) {
            tiles.push_back({x, y, std::min(side, what.width - x), std::min(side, what.height - y)});
        }
    }
    return tiles;
}

pixels render(const scene& what, const tile& part) {
    pixels rgb;
    rgb.reserve(std::size_t{part.width} * part.height * channels);
    for (std::uint32_t y = part.y; y < part.y + part.height; ++y) {
        for (std::uint32_t x = part.x; x < part.x + part.width; ++x) {
            const colour mean = mean_colour(what, x, y);
            for (const double light : {mean.red, mean.green, mean.blue}) rgb.push_back(to_byte(light));
        }
    }
    return rgb;
}
