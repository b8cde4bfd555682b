#include <algorithm>
#include <cerrno>
#include <unistd.h>
#include <utility>

#include "base/assert.hpp"
#include <sheaf/detail/common_file.hpp>
#include <sheaf/detail/reduce_attempt.hpp>

namespace sheaf::detail {

std::optional<claimed_place> claimed_place::take_back(const std::string& directory, std::uint32_t partition,
                                                      const file_range& where) {
    const std::string path = directory + "/" + std::string(common_file_name);
    if (::access(path.c_str(), W_OK) != 0) return std::nullopt;
    std::optional<file> claim = file::lock(directory + "/" + claim_name(partition));
    if (!claim) return std::nullopt;
    return claimed_place(file::open_write(path, where.offset), std::move(*claim), where);
}

std::optional<claimed_place> claimed_place::claim(const std::string& directory, std::uint32_t partition,
                                                  const file_range& where) {
    auto place = take_back(directory, partition, where);
    // Looked at when it is locked: who has filled it has said so before.
    if (place && place->claim_.size() != 0) return std::nullopt;
    return place;
}

void claimed_place::write(std::string_view bytes) {
    SHEAF_ASSERT(has_room(bytes.size()), "nobody writes to the next one's place");
    file_.write(bytes);
    written_ += bytes.size();
}

void claimed_place::copy_to(pending_file& to) const {
    const file from = file::open_read(file_.path());
    std::string block;
    for (std::uint64_t done = 0; done < written_; done += block.size()) {
        block.resize(std::min<std::uint64_t>(written_ - done, std::size_t{256} << 10));
        if (from.read_at(where_.offset + done, block) != block.size()) {
            throw_write_error("read again", file_.path(), EIO);
        }
        to.write(block);
    }
}

void claimed_place::keep() {
    SHEAF_ASSERT(full(), "what remains is whole");
    file_.close();
    claim_.write("filled");
}

std::optional<claimed_place> claim_place(const reduce_assignment& what, const attempt_hooks& hooks) {
    const auto where = expected_range(what, hooks);
    return where ? claimed_place::claim(what.output_directory, what.partition, *where) : std::nullopt;
}

}  // namespace sheaf::detail
