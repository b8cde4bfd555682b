// Reading segment files: whatever the bytes, it ends in records or in a bad_segment.
//
// The first byte says how the rest is used. Even: it is the file itself. Odd: it is the records of a file whose checksums are
// right, since guessing those is beyond a fuzzer; the byte's next bit chooses how values are delimited.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

#include <sheaf/detail/record_merge.hpp>
#include <sheaf/detail/segment.hpp>
#include <sheaf/detail/value_range.hpp>

namespace {

using namespace sheaf::detail;

// A file in memory, by the path under which this process can open it.
class memory_file {
  public:
    explicit memory_file(std::string_view content) : descriptor_(::memfd_create("segment", MFD_CLOEXEC)) {
        if (descriptor_ < 0) std::abort();
        for (std::string_view left = content; !left.empty();) {
            const ssize_t n = ::write(descriptor_, left.data(), left.size());
            if (n <= 0) std::abort();
            left.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    memory_file(const memory_file&) = delete;
    memory_file& operator=(const memory_file&) = delete;
    ~memory_file() { ::close(descriptor_); }
    [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

  private:
    int descriptor_;
};

void read_all(const std::string& path) {
    try {
        const auto opened = std::make_shared<const segment_file>(path);
        for (const segment_extent& extent : opened->extents()) {
            extent_cursor cursor(opened, extent);
            while (cursor.next()) {
                // Decoding must not be led astray either.
                if (opened->framing() == value_framing::varint) {
                    (void)read_value<std::int32_t>(cursor.record(), path);
                } else {
                    (void)read_value<std::pair<std::string, std::vector<std::uint64_t>>>(cursor.record(), path);
                }
            }
        }
        (void)extents_of_partition({path}, 0, opened->partitions(), opened->framing());
    } catch (const bad_segment&) {
    }
}

void read_as_records(std::string_view bytes, value_framing framing) {
    segment_writer writer(std::filesystem::temp_directory_path(), "fuzz-" + unique_suffix(), 1, framing);
    writer.begin_extent(0, false);
    // Each call says that one record begins; the bytes decide how many there are.
    for (; bytes.size() > 64; bytes.remove_prefix(64)) writer.copy(bytes.substr(0, 64));
    writer.copy(bytes);
    writer.end_extent();
    read_all(writer.seal());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] % 2 == 0) {
        const memory_file content(rest);
        read_all(content.path());
    } else {
        read_as_records(rest, data[0] % 4 == 1 ? value_framing::varint : value_framing::sized);
    }
    return 0;
}
