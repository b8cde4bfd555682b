// Makes thumbnails in the background: enqueues them and leaves, asks how far they are, fetches what has come of them. See
// README.md.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

#include "ledger.hpp"
#include "picture.hpp"
#include <sheaf/background.hpp>
#include <sheaf/sheaf.hpp>

using namespace std::chrono_literals;

inline constexpr sheaf::task<"thumbnails.make", thumbnail(std::string path, std::uint32_t side),
                             sheaf::throws<unreadable_picture>>
    make_thumbnail{};

constexpr std::uint32_t side = 160;
const std::string ledger = "thumbnails.jobs";

thumbnail make(sheaf::context& context, const std::string& path, std::uint32_t longer_side) {
    return make_small(path, longer_side, [&](std::uint32_t done, std::uint32_t rows) { context.progress(done, rows); });
}

// A server that the program starts for itself ends with it, and so would the jobs.
bool has_server() {
    const char* const server = std::getenv("SHEAF_SERVER");
    return server != nullptr && *server != '\0' && std::string_view(server) != "inproc:";
}

// Who trusts a server with work, and leaves, wants to know what the server promises.
void warn_of_forgetful_servers(sheaf::cluster& cluster) {
    for (const sheaf::background_support& one : cluster.background_support()) {
        if (one.durability == "full" || one.durability == "relaxed") continue;
        std::cerr << "thumbnails: " << one.server << " has its jobs in memory: start sheafd with --data-dir\n";
    }
}

int enqueue(sheaf::cluster& cluster, std::span<const std::string> pictures) {
    warn_of_forgetful_servers(cluster);
    for (const std::string& picture : pictures) {
        const std::string path = std::filesystem::absolute(picture).string();  // workers run elsewhere
        const auto job =
            cluster.enqueue(make_thumbnail(path, side),
                            {.retry = sheaf::retry{3}.backoff(200ms), .keep = 24h, .unique = sheaf::by_arguments});
        append_to_ledger(ledger, {job.id(), picture});
        std::cout << picture << ": " << job.id() << '\n';
    }
    return 0;
}

int show_status(sheaf::cluster& cluster) {
    for (const entry& one : read_ledger(ledger)) {
        const sheaf::background_status status = cluster.attach(make_thumbnail, one.id).status();
        std::cout << one.picture << ": " << to_string(status.state) << ", " << status.why;
        if (status.total > 0) std::cout << ", " << status.done * 100 / status.total << " %";
        std::cout << '\n';
    }
    return 0;
}

void save(const entry& of, const thumbnail& small) {
    const std::string path = std::filesystem::path(of.picture).replace_extension(".thumb.png").string();
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(small.png.data()), static_cast<std::streamsize>(small.png.size()));
    if (!file.flush()) throw std::runtime_error(path + ": cannot be written");
    std::cout << path << ": " << small.width << " x " << small.height << '\n';
}

int fetch(sheaf::cluster& cluster) {
    int status = 0;
    for (const entry& one : read_ledger(ledger)) {
        try {
            save(one, cluster.attach(make_thumbnail, one.id).get(1min));
        } catch (const unreadable_picture& why) {  // what the handler threw, in its last attempt
            std::cerr << why.what() << '\n';
            status = 1;
        } catch (const sheaf::call_error& why) {  // no worker, no server, kept no longer
            std::cerr << one.picture << ": " << why.what() << '\n';
            status = 1;
        }
    }
    return status;
}

// Once the reason has been mended.
int retry(sheaf::cluster& cluster) {
    for (const entry& one : read_ledger(ledger)) {
        const auto job = cluster.attach(make_thumbnail, one.id);
        if (job.status().state != sheaf::background_state::failed) continue;
        job.retry();
        std::cout << one.picture << ": queued again\n";
    }
    return 0;
}

int run(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    if (!has_server()) {
        std::cerr << "thumbnails: name the server that keeps the jobs, SHEAF_SERVER=ADDRESS\n";
        return 2;
    }
    const std::string what = arguments.empty() ? "" : arguments[0];
    if (what == "enqueue" && arguments.size() > 1) return enqueue(cluster, arguments.subspan(1));
    if (what == "status" && arguments.size() == 1) return show_status(cluster);
    if (what == "fetch" && arguments.size() == 1) return fetch(cluster);
    if (what == "retry" && arguments.size() == 1) return retry(cluster);
    std::cerr << "usage: thumbnails enqueue PICTURE... | status | fetch | retry\n";
    return 2;
}

int main(int argc, char** argv) {
    sheaf::app app{"thumbnails"};
    app.bind(make_thumbnail, make);
    return app.run(argc, argv, run);
}
