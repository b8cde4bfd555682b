// The example "tiles": its PNG against the picture drawn in one piece.
#include <png.h>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

#include "examples/tiles/fractal.hpp"
#include "integration/examples/example_run.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {
namespace {

using ::testing::HasSubstr;

struct picture {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    pixels rgb;
};

picture read_png(const std::string& path) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_file(&image, path.c_str()) == 0) throw std::runtime_error(image.message);
    image.format = PNG_FORMAT_RGB;
    picture read{image.width, image.height, pixels(PNG_IMAGE_SIZE(image))};
    if (png_image_finish_read(&image, nullptr, read.rgb.data(), 0, nullptr) == 0)
        throw std::runtime_error(image.message);
    return read;
}

TEST(tiles_example, puts_together_the_picture_that_one_process_draws) {
    const scratch_directory scratch;
    const std::string path = (scratch / "picture.png").string();
    // The tiles at two edges are cut off.
    const example_run run = run_example("tiles", {path, "--width", "150", "--height", "101", "--tile", "32", "--depth",
                                                  "300", "--re", "-0.5", "--im", "0.25", "--extent", "2.5"});
    EXPECT_EQ(run.status, 0) << run.errors;
    EXPECT_EQ(run.output, path + ": 150 x 101 pixels\n");
    EXPECT_EQ(run.errors, "");  // progress is for terminals

    const scene what{.width = 150, .height = 101, .centre_re = -0.5, .centre_im = 0.25, .extent_re = 2.5, .depth = 300};
    const picture drawn = read_png(path);
    EXPECT_EQ(drawn.width, 150U);
    EXPECT_EQ(drawn.height, 101U);
    EXPECT_TRUE(drawn.rgb == render(what, {.width = 150, .height = 101}));
}

TEST(tiles_example, says_which_file_it_cannot_write) {
    const example_run run = run_example("tiles", {"/nonexistent/picture.png", "--width", "8", "--height", "8"});
    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.errors, HasSubstr("/nonexistent/picture.png"));
}

}  // namespace
}  // namespace sheaf::test
