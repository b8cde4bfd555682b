// Reading the renderer's command line, and explaining it.
#include "options.hpp"

#include <sheaf/command_line.hpp>

std::variant<options, int> read_options(std::span<const std::string> arguments) {
    CLI::App app("Draws a part of the Mandelbrot set, in tiles, on many processes.", "tiles");
    options read;
    scene& what = read.what;
    const auto pixels_range = CLI::Range(1U, 20'000U);
    app.add_option("output", read.output, "The PNG file to write.")->required()->type_name("FILE.png");
    app.add_option("--width", what.width, "Pixels.")->check(pixels_range)->capture_default_str();
    app.add_option("--height", what.height, "Pixels.")->check(pixels_range)->capture_default_str();
    app.add_option("--re", what.centre_re, "The point in the middle: its real part.")->capture_default_str();
    app.add_option("--im", what.centre_im, "The point in the middle: its imaginary part.")->capture_default_str();
    app.add_option("--extent", what.extent_re, "How much of the real axis is seen.")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--depth", what.depth, "Steps after which a point counts as one of the set.")->capture_default_str();
    app.add_option("--tile", read.side, "Pixels along the side of a tile.")->check(pixels_range)->capture_default_str();
    if (const auto status = sheaf::parse_arguments(app, arguments)) return *status;
    return read;
}
