// Who gets what from an exchange server.
#include "fetch/exchange_desk.hpp"

#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fetch/credentials.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::fetch {
namespace {

using method = http_request::method;
using testing::HasSubstr;
using testing::StartsWith;

class exchange_desk_test : public testing::Test {
  protected:
    exchange_desk_test() {
        test::write_file(place_ / "run" / "map-1", "0123456789");
        test::write_file(place_ / "outside", "not yours");
        std::filesystem::create_symlink(place_ / "outside", place_ / "run" / "link");
        std::filesystem::create_directory(place_ / "run" / "below");
        ::mkfifo((place_ / "run" / "fifo").c_str(), 0600);
        shelf_.put("r1", {secret_, open_directory(place_ / "run"), {input()}});
    }

    [[nodiscard]] std::string input() const { return place_ / "outside"; }
    [[nodiscard]] http_request get(const std::string& target) const {
        return {.what = method::get, .target = target, .authorization = bearer(secret_)};
    }
    [[nodiscard]] exchange_reply answer(const http_request& request) const { return desk_.answer(request); }
    [[nodiscard]] std::string head(const http_request& request) const { return answer(request).head; }

    test::scratch_directory place_;
    const std::string secret_ = make_secret();
    run_shelf shelf_;
    exchange_desk desk_{shelf_, {}};
};

TEST_F(exchange_desk_test, gives_a_file_whole_or_in_part) {
    const exchange_reply whole = answer(get("/r1/map-1"));
    EXPECT_THAT(whole.head, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(whole.head, HasSubstr("Content-Length: 10\r\n"));
    EXPECT_EQ(whole.part, (byte_range{0, 10}));
    EXPECT_TRUE(whole.file);

    http_request request = get("/r1/map-1");
    request.range = "bytes=2-4";
    const exchange_reply part = answer(request);
    EXPECT_THAT(part.head, StartsWith("HTTP/1.1 206 "));
    EXPECT_THAT(part.head, HasSubstr("Content-Range: bytes 2-4/10\r\n"));
    EXPECT_EQ(part.part, (byte_range{2, 3}));

    request.range = "bytes=10-";
    EXPECT_THAT(head(request), StartsWith("HTTP/1.1 416 "));
    EXPECT_THAT(head(request), HasSubstr("Content-Range: bytes */10\r\n"));
}

TEST_F(exchange_desk_test, says_only_of_a_file_what_head_asks_for) {
    http_request request = get("/r1/map-1");
    request.what = method::head;
    const exchange_reply reply = answer(request);
    EXPECT_THAT(reply.head, HasSubstr("Content-Length: 10\r\n"));
    EXPECT_FALSE(reply.file);
}

TEST_F(exchange_desk_test, tells_strangers_nothing) {
    const std::vector<std::string> wrong{"", "Bearer", "Bearer ", "Bearer x", "Basic " + secret_, secret_};
    for (const std::string target : {"/r1", "/r1/map-1", "/r1/missing", "/r2", "/r2/map-1"}) {
        for (const std::string& authorization : wrong) {
            http_request request = get(target);
            request.authorization = authorization;
            const exchange_reply reply = answer(request);
            EXPECT_THAT(reply.head, StartsWith("HTTP/1.1 401 ")) << target << authorization;
            EXPECT_FALSE(reply.file);
        }
    }
}

TEST_F(exchange_desk_test, gives_nothing_but_plain_files_of_the_run) {
    for (const std::string name : {"link", "below", "fifo", "missing", "..", ".", "below/../map-1", "../outside"}) {
        EXPECT_THAT(head(get("/r1/" + name)), StartsWith("HTTP/1.1 404 ")) << name;
    }
}

TEST_F(exchange_desk_test, gives_the_inputs_that_were_named_and_no_others) {
    using kind = exchange_target::kind;
    EXPECT_THAT(head(get(to_string({kind::input, "r1", input()}))), StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(head(get(to_string({kind::input, "r1", "/etc/passwd"}))), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(head(get(to_string({kind::input, "r1", input() + "/."}))), StartsWith("HTTP/1.1 404 "));
}

TEST_F(exchange_desk_test, says_whether_a_run_goes_on) {
    EXPECT_THAT(head(get("/r1")), StartsWith("HTTP/1.1 204 "));
    shelf_.remove("r1");
    EXPECT_THAT(head(get("/r1")), StartsWith("HTTP/1.1 401 "));
}

TEST_F(exchange_desk_test, has_no_duties_that_it_was_not_given) {
    for (const method what : {method::put, method::remove, method::other}) {
        http_request request = get("/r1");
        request.what = what;
        EXPECT_THAT(head(request), StartsWith("HTTP/1.1 405 "));
    }
}

TEST_F(exchange_desk_test, admits_runs_for_who_has_the_key) {
    std::string admitted;
    const exchange_desk door(shelf_, {.key = "the key of the door",
                                      .admit = [&](const std::string& run, const std::string&,
                                                   const std::string&) -> basic_result<run_place> {
                                          admitted = run;
                                          return run_place{"/there", "http://h/r9"};
                                      },
                                      .dismiss = {}});
    http_request request{.what = method::put, .target = "/r9", .authorization = bearer(secret_)};
    request.run_secret = make_secret();
    request.run_driver = "http://h:1/r9";
    EXPECT_THAT(door.answer(request).head, StartsWith("HTTP/1.1 401 "));
    request.authorization = bearer("the key of the door");
    EXPECT_THAT(door.answer(request).head, HasSubstr("Sheaf-Run-Directory: /there\r\n"));
    EXPECT_EQ(admitted, "r9");
    request.run_secret = "short";
    EXPECT_THAT(door.answer(request).head, StartsWith("HTTP/1.1 400 "));
}

TEST_F(exchange_desk_test, dismisses_a_run_for_who_has_its_secret) {
    std::string dismissed;
    const exchange_desk host(shelf_, {.dismiss = [&](const std::string& run) { dismissed = run; }});
    http_request request{.what = method::remove, .target = "/r1", .authorization = bearer("wrong")};
    EXPECT_THAT(host.answer(request).head, StartsWith("HTTP/1.1 401 "));
    EXPECT_EQ(dismissed, "");
    request.authorization = bearer(secret_);
    EXPECT_THAT(host.answer(request).head, StartsWith("HTTP/1.1 204 "));
    EXPECT_EQ(dismissed, "r1");
}

TEST_F(exchange_desk_test, removes_a_file_for_who_has_the_secret_of_its_run) {
    const exchange_desk host(shelf_, {.dismiss = [](const std::string&) {}});
    http_request request{.what = method::remove, .target = "/r1/map-1", .authorization = bearer("wrong")};
    EXPECT_THAT(host.answer(request).head, StartsWith("HTTP/1.1 401 "));
    request.authorization = bearer(secret_);
    EXPECT_THAT(answer(request).head, StartsWith("HTTP/1.1 405 "));  // of a driver: its files are its own
    EXPECT_TRUE(std::filesystem::exists(place_ / "run" / "map-1"));
    EXPECT_THAT(host.answer(request).head, StartsWith("HTTP/1.1 204 "));
    EXPECT_FALSE(std::filesystem::exists(place_ / "run" / "map-1"));
    EXPECT_THAT(host.answer(request).head, StartsWith("HTTP/1.1 404 "));
}

}  // namespace
}  // namespace sheaf::fetch
