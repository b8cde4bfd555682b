#include "output/part_content.hpp"

#include <algorithm>
#include <memory>
#include <system_error>
#include <vector>
#include <xxhash.h>

#include <sheaf/detail/file.hpp>

namespace sheaf::detail {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20;

struct free_state {
    void operator()(XXH3_state_t* state) const noexcept { XXH3_freeState(state); }
};

}  // namespace

std::optional<part_content> content_of_file(const std::filesystem::path& path, const std::optional<file_range>& range) {
    try {
        const file from = file::open_read(path.string());
        if (!from.regular()) return std::nullopt;
        const std::uint64_t size = from.size();
        const file_range all = range.value_or(file_range{0, size});
        // Of a partition without records the place may be beyond what has been written so far.
        if (all.length != 0 && (all.offset > size || all.length > size - all.offset)) return std::nullopt;
        const std::unique_ptr<XXH3_state_t, free_state> state(XXH3_createState());
        if (!state) return std::nullopt;
        XXH3_64bits_reset(state.get());
        std::vector<char> block(static_cast<std::size_t>(std::min<std::uint64_t>(all.length, block_bytes)));
        for (std::uint64_t done = 0; done < all.length;) {
            const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), all.length - done));
            const std::size_t read = from.read_at(all.offset + done, std::span(block).first(wanted));
            if (read == 0) return std::nullopt;
            XXH3_64bits_update(state.get(), block.data(), read);
            done += read;
        }
        return part_content{all.length, XXH3_64bits_digest(state.get())};
    } catch (const std::system_error&) {
        return std::nullopt;
    }
}

}  // namespace sheaf::detail
