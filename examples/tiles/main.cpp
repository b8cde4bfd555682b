// Draws a picture in tiles on worker processes, and puts them together as they come. See README.md.
#include <algorithm>
#include <cstddef>
#include <iostream>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fractal.hpp"
#include "options.hpp"
#include "png_file.hpp"
#include <sheaf/scatter_progress.hpp>
#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"tiles.render", pixels(scene, tile)> render_tile{};

// Copies the rows of a tile to where they belong in the picture.
void place(pixels& picture, const scene& what, const tile& part, const pixels& rgb) {
    const std::size_t row = std::size_t{part.width} * channels;
    for (std::size_t y = 0; y < part.height; ++y) {
        const std::size_t to = ((part.y + y) * what.width + part.x) * channels;
        std::ranges::copy(std::span(rgb).subspan(y * row, row), picture.begin() + static_cast<std::ptrdiff_t>(to));
    }
}

pixels draw(sheaf::cluster& cluster, const scene& what, const std::vector<tile>& tiles) {
    std::vector<std::pair<scene, tile>> calls;
    for (const tile& part : tiles) calls.emplace_back(what, part);
    pixels picture(std::size_t{what.width} * what.height * channels);
    auto drawn = sheaf::observe(cluster.scatter(render_tile, calls), sheaf::terminal_progress("tiles"));
    for (auto& [index, rgb] : sheaf::as_completed(drawn)) {
        place(picture, what, tiles[index], sheaf::value_of(render_tile, std::move(rgb)));
    }
    return picture;
}

int run(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    const auto read = read_options(arguments);
    if (const int* status = std::get_if<int>(&read)) return *status;
    const options& how = std::get<options>(read);

    write_png(how.output, how.what, draw(cluster, how.what, cut(how.what, how.side)));
    std::cout << how.output << ": " << how.what.width << " x " << how.what.height << " pixels\n";
    return 0;
}

int main(int argc, char** argv) {
    sheaf::app app{"tiles"};
    app.bind(render_tile, render);
    return app.run(argc, argv, run);
}
