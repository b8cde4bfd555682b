#include "picture.hpp"

#include <algorithm>
#include <cstddef>
#include <png.h>
#include <vector>

namespace {

constexpr std::size_t channels = 4;

struct picture {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::vector<std::uint8_t> rgba;
};

picture read_png(const std::string& path) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_file(&image, path.c_str()) == 0) {
        throw unreadable_picture(path + ": " + image.message);
    }
    image.format = PNG_FORMAT_RGBA;
    picture read{image.width, image.height, std::vector<std::uint8_t>(PNG_IMAGE_SIZE(image))};
    if (png_image_finish_read(&image, nullptr, read.rgba.data(), 0, nullptr) == 0) {
        throw unreadable_picture(path + ": " + image.message);
    }
    return read;
}

sheaf::bytes write_png(const picture& from) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = from.width;
    image.height = from.height;
    image.format = PNG_FORMAT_RGBA;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    sheaf::bytes png(size);
    if (png_image_write_to_memory(&image, png.data(), &size, 0, from.rgba.data(), 0, nullptr) == 0) {
        throw std::runtime_error(image.message);
    }
    png.resize(size);
    return png;
}

// Where the `i`th of `to` pixels begins in a row of `from`.
std::uint32_t begin_of(std::uint32_t i, std::uint32_t to, std::uint32_t from) {
    return static_cast<std::uint32_t>(std::uint64_t{i} * from / to);
}

// The mean of the pixels of `from` that pixel (x, y) of `to` stands for.
void average(const picture& from, picture& to, std::uint32_t x, std::uint32_t y) {
    const std::uint32_t left = begin_of(x, to.width, from.width);
    const std::uint32_t right = std::max(begin_of(x + 1, to.width, from.width), left + 1);
    const std::uint32_t top = begin_of(y, to.height, from.height);
    const std::uint32_t bottom = std::max(begin_of(y + 1, to.height, from.height), top + 1);
    const std::uint64_t count = std::uint64_t{right - left} * (bottom - top);
    for (std::size_t c = 0; c < channels; ++c) {
        std::uint64_t sum = 0;
        for (std::uint32_t row = top; row < bottom; ++row) {
            for (std::uint32_t column = left; column < right; ++column) {
                sum += from.rgba[(std::size_t{row} * from.width + column) * channels + c];
            }
        }
        to.rgba[(std::size_t{y} * to.width + x) * channels + c] = static_cast<std::uint8_t>(sum / count);
    }
}

std::uint32_t scaled(std::uint32_t length, std::uint32_t longest, std::uint32_t side) {
    return std::max<std::uint32_t>(static_cast<std::uint32_t>(std::uint64_t{length} * side / longest), 1);
}

}  // namespace

thumbnail make_small(const std::string& path, std::uint32_t side,
                     const std::function<void(std::uint32_t done, std::uint32_t rows)>& on_row) {
    const picture large = read_png(path);
    const std::uint32_t longest = std::max(large.width, large.height);
    const std::uint32_t target = std::min(side, longest);
    picture small{scaled(large.width, longest, target), scaled(large.height, longest, target), {}};
    small.rgba.resize(std::size_t{small.width} * small.height * channels);
    for (std::uint32_t y = 0; y < small.height; ++y) {
        for (std::uint32_t x = 0; x < small.width; ++x) average(large, small, x, y);
        on_row(y + 1, small.height);
    }
    return {small.width, small.height, write_png(small)};
}
