// The renderer's command line.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "fractal.hpp"

struct options {
    std::string output;
    // Where the sea horses are, at the edge of the set.
    scene what{
        .width = 1280, .height = 800, .centre_re = -0.744, .centre_im = 0.126, .extent_re = 0.016, .depth = 2000};
    std::uint32_t side = 64;
};

// The options, or the status to exit with when there is nothing to do: after --help, or a mistake that has been explained.
std::variant<options, int> read_options(std::span<const std::string> arguments);
