// The example "thumbnails": it leaves its work with a server that is killed, and a later run of it fetches what came of it.
#include <filesystem>
#include <png.h>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "integration/background/desk_fixture.hpp"

namespace sheaf::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

void write_picture(const std::string& path, std::uint32_t width, std::uint32_t height) {
    std::vector<std::uint8_t> rgb(std::size_t{width} * height * 3);
    for (std::size_t i = 0; i < rgb.size(); ++i) rgb[i] = static_cast<std::uint8_t>(i * 7);
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = PNG_FORMAT_RGB;
    if (png_image_write_to_file(&image, path.c_str(), 0, rgb.data(), 0, nullptr) == 0) {
        throw std::runtime_error(image.message);
    }
}

std::string size_of_png(const std::string& path) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_file(&image, path.c_str()) == 0) throw std::runtime_error(image.message);
    std::string size = std::to_string(image.width) + " x " + std::to_string(image.height);
    png_image_free(&image);
    return size;
}

class thumbnails_example : public testing::Test {
  protected:
    struct ended {
        int status = -1;
        std::string output;
        std::string errors;
    };
    // In its own directory, where its ledger is.
    ended run(const std::string& arguments) const {
        const std::string line =
            "cd " + place.path().string() + " && exec " + program("examples/thumbnails") + " " + arguments;
        process child(command{{"/bin/sh", "-c", line}, {"SHEAF_SERVER=" + to_string(server.where())}});
        std::string output = child.read_all();
        const int status = child.wait().value_or(-1);
        return {status, std::move(output), child.error_output()};
    }
    [[nodiscard]] std::string file(const char* name) const { return (place / name).string(); }

    scratch_directory place;
    durable_server server;
};

TEST_F(thumbnails_example, leaves_its_work_with_a_server_and_fetches_it_in_a_later_run) {
    write_picture(file("wide.png"), 640, 320);
    write_picture(file("small.png"), 20, 30);
    const ended enqueued = run("enqueue wide.png small.png missing.png");
    EXPECT_EQ(enqueued.status, 0) << enqueued.errors;
    EXPECT_EQ(enqueued.errors, "");
    EXPECT_THAT(enqueued.output, StartsWith("wide.png: thumbnails.make/"));
    server.kill();
    server.start();
    EXPECT_THAT(run("status").output, StartsWith("wide.png: queued, no worker offers thumbnails.make\n"));

    const worker_program worker(to_string(server.where()), "examples/thumbnails", 1);
    const ended fetched = run("fetch");
    EXPECT_EQ(fetched.status, 1);
    EXPECT_THAT(fetched.output, HasSubstr("wide.thumb.png: 160 x 80\n"));
    EXPECT_EQ(size_of_png(file("wide.thumb.png")), "160 x 80");
    EXPECT_EQ(size_of_png(file("small.thumb.png")), "20 x 30");
    EXPECT_THAT(fetched.errors, HasSubstr("missing.png"));
    EXPECT_THAT(run("status").output, HasSubstr("missing.png: failed, it is a dead letter"));

    write_picture(file("missing.png"), 400, 400);
    EXPECT_EQ(run("retry").output, "missing.png: queued again\n");
    const ended all = run("fetch");
    EXPECT_EQ(all.status, 0) << all.errors;
    EXPECT_EQ(size_of_png(file("missing.thumb.png")), "160 x 160");
}

TEST(thumbnails_without_a_server, say_that_they_need_one) {
    for (const char* const what : {"status", "fetch"}) {
        process child(command{{program("examples/thumbnails"), what}, {"SHEAF_SERVER=", "SHEAF_WORKERS=1"}});
        EXPECT_EQ(child.read_all(), "");
        EXPECT_EQ(child.wait(), 2);
        EXPECT_THAT(child.error_output(), HasSubstr("SHEAF_SERVER=ADDRESS"));
    }
}

TEST_F(thumbnails_example, says_how_it_is_used_and_that_there_is_nothing_to_fetch) {
    EXPECT_EQ(run("").status, 2);
    const ended nothing = run("fetch");
    EXPECT_EQ(nothing.status, 1);
    EXPECT_THAT(nothing.errors, HasSubstr("thumbnails.jobs: there are no jobs yet"));
}

}  // namespace
}  // namespace sheaf::test
