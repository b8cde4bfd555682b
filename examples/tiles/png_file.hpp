// Pixels as a PNG file.
#pragma once

#include <string>

#include "fractal.hpp"

// Throws std::runtime_error, with the file's name, when the file cannot be written.
void write_png(const std::string& path, const scene& what, const pixels& rgb);
