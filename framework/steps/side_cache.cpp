// The side data of the runs that this process has worked for lately.
#include <array>
#include <mutex>
#include <utility>
#include <xxhash.h>

#include <sheaf/detail/file.hpp>
#include <sheaf/detail/side_cache.hpp>
#include <sheaf/runtime/error.hpp>

namespace sheaf::detail {
namespace {

struct side_entry {
    std::string directory;  // of the run
    std::uint64_t checksum = 0;
    std::type_index type = typeid(void);
    std::shared_ptr<const void> value;
};

// As many as runs may reasonably go on at the same time. The oldest goes first.
struct side_cache {
    std::mutex mutex;
    std::array<side_entry, 4> entries;
    std::size_t next = 0;
};

side_cache& process_cache() {
    static side_cache cache;
    return cache;
}

[[noreturn]] void unreadable(const std::string& path, const std::string& why) {
    throw runtime_failure(error{errc::io_error, "cannot read the run's side data, " + path + ": " + why});
}

std::string read_local(const std::string& path, std::uint64_t size) {
    try {
        const file from = file::open_read(path);
        if (from.size() != size) unreadable(path, "it has another size than when it was written");
        std::string bytes(size, '\0');
        bytes.resize(from.read_at(0, bytes));
        return bytes;
    } catch (const std::system_error& why) {
        unreadable(path, why.what());
    }
}

}  // namespace

std::shared_ptr<const void> cached_side_data(
    const std::string& directory, const side_reference& what, std::type_index type,
    const std::function<std::shared_ptr<const void>(std::string_view)>& decode) {
    side_cache& cache = process_cache();
    // Slots that want the same one wait for the first to fetch it.
    const std::lock_guard lock(cache.mutex);
    for (const side_entry& one : cache.entries) {
        if (one.value && one.directory == directory && one.checksum == what.checksum && one.type == type)
            return one.value;
    }
    const std::string path = directory + "/" + what.file;
    const std::string bytes = read_local(path, what.size);
    if (XXH3_64bits(bytes.data(), bytes.size()) != what.checksum) unreadable(path, "it is damaged");
    side_entry made{directory, what.checksum, type, decode(bytes)};
    auto value = made.value;
    cache.entries[cache.next++ % cache.entries.size()] = std::move(made);
    return value;
}

}  // namespace sheaf::detail
