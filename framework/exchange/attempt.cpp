#include <array>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include <sheaf/detail/attempt.hpp>
#include <sheaf/detail/file.hpp>
#include <sheaf/runtime/error.hpp>

namespace sheaf::detail {

std::string worker_name() {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
    return std::string(host.data()) + "/" + std::to_string(::getpid());
}

attempt_facts attempt_clock::facts() const {
    const auto taken = std::chrono::steady_clock::now() - began_;
    return {.worker = worker_name(),
            .nanoseconds = static_cast<std::uint64_t>(std::chrono::nanoseconds(taken).count())};
}

std::string attempt_file_prefix(std::string_view stage, std::uint32_t index, std::uint32_t attempt) {
    return std::string(stage) + "-" + std::to_string(index) + "-" + std::to_string(attempt) + "-";
}

void check_run_directory(const std::string& directory, const std::string& nonce) {
    if (nonce.empty()) return;
    const std::string path = directory + "/nonce";
    std::string found(nonce.size() + 1, '\0');
    try {
        const file holder = file::open_read(path);
        found.resize(holder.read_at(0, found));
    } catch (const std::system_error& why) {
        throw runtime_failure(error{errc::io_error, "this worker does not see the run's directory '" + directory +
                                                        "' (" + why.what() +
                                                        "). All workers need the same directory under the "
                                                        "same path: set it to one on a shared file system."});
    }
    if (found != nonce) {
        throw runtime_failure(
            error{errc::io_error, "this worker sees another directory under the path of the run's, '" + directory +
                                      "'. All workers need the same one: set it to one on a "
                                      "shared file system."});
    }
}

}  // namespace sheaf::detail
