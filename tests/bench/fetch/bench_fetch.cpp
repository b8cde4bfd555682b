// What a file of another host costs, beside one of this host: 512 MiB in the kernel's cache, read in blocks of 64 KiB as segments
// are, from front to back and as 64 extents in turn. The other host is this one, by way of the loopback interface.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "fetch/credentials.hpp"
#include "fetch/exchange_server.hpp"
#include "fetch/http_reader.hpp"
#include "support/scratch_directory.hpp"
#include <sheaf/detail/file.hpp>

namespace {

using namespace sheaf;
using read_function = std::function<std::size_t(std::uint64_t, std::span<char>)>;

constexpr std::uint64_t file_bytes = std::uint64_t{512} << 20;
constexpr std::size_t block_bytes = 64 << 10;
constexpr std::uint64_t extents = 64;

double gigabytes_per_second(const std::function<void()>& work) {
    double best = 0;
    for (int rounds = 0; rounds < 3; ++rounds) {
        const auto began = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - began;
        best = std::max(best, static_cast<double>(file_bytes) / taken.count() / 1e9);
    }
    return best;
}

// All of the file, as `ways` stretches of it in turn.
void read_in_turn(const read_function& read, std::uint64_t ways) {
    std::vector<char> block(block_bytes);
    const std::uint64_t stretch = file_bytes / ways;
    for (std::uint64_t done = 0; done < stretch; done += block_bytes) {
        for (std::uint64_t way = 0; way < ways; ++way) (void)read(way * stretch + done, block);
    }
}

void show(const char* what, double rate) { std::printf("%-44s %6.2f GB/s\n", what, rate); }

}  // namespace

int main() {
    const test::scratch_directory place;
    const std::string path = test::write_file(place / "map-1", std::string(file_bytes, 'x'));
    const auto local = detail::file::open_read(path);
    const read_function read_local = [&](std::uint64_t at, std::span<char> into) { return local.read_at(at, into); };
    show("local, front to back", gigabytes_per_second([&] { read_in_turn(read_local, 1); }));
    show("local, 64 extents in turn", gigabytes_per_second([&] { read_in_turn(read_local, extents); }));

    fetch::run_shelf shelf;
    const std::string secret = fetch::make_secret();
    shelf.put("run", {secret, fetch::open_directory(place.path()), {}});
    fetch::exchange_server_options how;
    how.listen = {.host = "127.0.0.1", .port = 0, .path = {}};
    const fetch::exchange_server server(shelf, how);
    fetch::http_client client;
    const auto fetched = [&](std::uint64_t ways) {
        return gigabytes_per_second([&] {
            fetch::http_reader from(client, *fetch::parse_url(server.origin() + "/run/map-1"),
                                    {.authorization = fetch::bearer(secret)});
            for (std::uint64_t way = 0; way < ways; ++way)
                from.expect_reads(way * file_bytes / ways, file_bytes / ways);
            read_in_turn([&](std::uint64_t at, std::span<char> into) { return from.read_at(at, into); }, ways);
        });
    };
    show("fetched, front to back", fetched(1));
    show("fetched, 64 extents in turn", fetched(extents));
    return 0;
}
