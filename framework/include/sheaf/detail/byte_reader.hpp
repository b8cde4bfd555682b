// Bytes that can be read at any place, wherever they are: a file, or what an HTTP server has of one. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace sheaf::detail {

/// One thing with a size that does not change while it is read. One thread at a time.
class range_reader {
  public:
    range_reader() = default;
    range_reader(const range_reader&) = delete;
    range_reader& operator=(const range_reader&) = delete;
    virtual ~range_reader() = default;

    /// What errors call it: a path or an address.
    [[nodiscard]] virtual const std::string& name() const noexcept = 0;
    /// In bytes.
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    /// What tells this state of it from others of the same size: of HTTP, the entity tag or time of change. Empty when nothing does.
    [[nodiscard]] virtual std::string tag() const { return {}; }
    /// Reads up to into.size() bytes at `offset`, and returns how many; fewer only at the end. Blocks, though not for ever. Throws
    /// unit_refused when no other attempt would do better, segment_lost or runtime_failure when one might.
    [[nodiscard]] virtual std::size_t read_at(std::uint64_t offset, std::span<char> into) = 0;
    /// Says that [offset, offset + length) will be read soon, from front to back, so that it may be fetched ahead.
    virtual void expect_reads(std::uint64_t offset, std::uint64_t length) {
        (void)offset;
        (void)length;
    }
    /// Throws unit_refused unless all that was read belongs to one state of the thing: the same size, time of change or entity
    /// tag as when it was opened. Asked after the bytes were used, before what came of them counts.
    virtual void check_unchanged() = 0;
};

/// Opens what `address` names: http://..., https://..., or driver:..., what only the run's driver can open. Throws as read_at()
/// does. Empty where nothing remote can be opened.
using remote_opener = std::function<std::unique_ptr<range_reader>(const std::string& address)>;

/// Whether a path of an input is an address for a remote_opener.
[[nodiscard]] inline bool is_remote(std::string_view path) noexcept {
    return path.starts_with("http://") || path.starts_with("https://") || path.starts_with("driver:");
}

}  // namespace sheaf::detail
