// Pictures in PNG files, and small ones made of them.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

#include <sheaf/bytes.hpp>
#include <sheaf/codec.hpp>

// The file is not there, or is no PNG.
struct unreadable_picture : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A PNG, in memory.
struct thumbnail {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    sheaf::bytes png;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(width), CEREAL_NVP(height), CEREAL_NVP(png));
    }
};

// The picture in the file, with its longer side `side` pixels long, or as it is when it is smaller. `on_row` hears how many rows
// are done, of how many. Throws unreadable_picture.
thumbnail make_small(const std::string& path, std::uint32_t side,
                     const std::function<void(std::uint32_t done, std::uint32_t rows)>& on_row);
