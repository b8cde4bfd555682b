#include "png_file.hpp"

#include <png.h>
#include <stdexcept>

void write_png(const std::string& path, const scene& what, const pixels& rgb) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = what.width;
    image.height = what.height;
    image.format = PNG_FORMAT_RGB;
    if (png_image_write_to_file(&image, path.c_str(), 0, rgb.data(), 0, nullptr) == 0) {
        throw std::runtime_error("cannot write " + path + ": " + image.message);
    }
}
