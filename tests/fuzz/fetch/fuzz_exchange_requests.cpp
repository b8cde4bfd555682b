// An exchange server's answers: whatever comes, each request gets one, and nothing but the run's file is given out.
//
// The first byte says in what pieces the rest arrives.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <sys/stat.h>

#include "fetch/exchange_desk.hpp"
#include "support/scratch_directory.hpp"

namespace {

using namespace sheaf::fetch;

constexpr std::uint64_t file_bytes = 1000;

struct host {
    host() {
        const auto file = sheaf::test::write_file(place / "run" / "map-1", std::string(file_bytes, 'x'));
        ::stat(file.c_str(), &about);
        sheaf::test::write_file(place / "outside", "not to be seen");
        std::filesystem::create_symlink(place / "outside", place / "run" / "map-2");
        shelf.put("run", {"0123456789abcdef", open_directory(place / "run"), {}});
    }
    sheaf::test::scratch_directory place;
    struct stat about {};
    run_shelf shelf;
    exchange_desk desk{shelf, {}};
};

void expect(bool holds) {
    if (!holds) std::abort();
}

void check(const host& at, const exchange_reply& reply) {
    expect(reply.head.starts_with("HTTP/1.1 ") && reply.head.ends_with("\r\n\r\n"));
    expect(reply.head.find("\r\n\r\n") == reply.head.size() - 4);
    if (!reply.file) return;
    struct stat given {};
    expect(::fstat(reply.file.get(), &given) == 0 && given.st_ino == at.about.st_ino);
    expect(reply.part.length > 0 && reply.part.offset < file_bytes &&
           reply.part.length <= file_bytes - reply.part.offset);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const host at;
    if (size == 0) return 0;
    const std::size_t piece = std::size_t{data[0]} + 1;
    std::string_view left(reinterpret_cast<const char*>(data) + 1, size - 1);
    request_reader reader;
    while (!left.empty() && reader.now() != request_reader::state::refused) {
        const std::size_t taken = reader.feed(left.substr(0, piece));
        expect(taken > 0);
        left.remove_prefix(taken);
        if (reader.now() == request_reader::state::complete) check(at, at.desk.answer(reader.take()));
    }
    if (reader.now() == request_reader::state::refused) check(at, refusal(reader.status()));
    return 0;
}
