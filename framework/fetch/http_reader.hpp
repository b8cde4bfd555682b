// Reads of a file on an HTTP server, fetched ahead where they are expected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <future>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "fetch/http_client.hpp"
#include "fetch/remote_file.hpp"
#include <sheaf/detail/byte_reader.hpp>

namespace sheaf::fetch {

/// A range_reader for what an HTTP server has. Reads that were announced by expect_reads() are served from a window of
/// http_client::window_bytes() each, while the next window is being fetched; several stretches may be announced at a time.
/// Other reads are asked for one by one.
class http_reader final : public detail::range_reader {
  public:
    /// `by` outlives this.
    http_reader(http_client& by, const url& where, remote_terms terms);
    ~http_reader() override;

    [[nodiscard]] const std::string& name() const noexcept override { return file_->name(); }
    [[nodiscard]] std::uint64_t size() const override { return file_->size(); }
    [[nodiscard]] std::string tag() const override { return file_->tag(); }
    [[nodiscard]] std::size_t read_at(std::uint64_t offset, std::span<char> into) override;
    void expect_reads(std::uint64_t offset, std::uint64_t length) override;
    /// Every answer was of the same file, or its read has thrown.
    void check_unchanged() override {}

  private:
    struct block {
        std::unique_ptr<char[]> bytes;
        byte_range place;
    };
    /// Reads from front to back.
    struct expected {
        std::uint64_t next;  ///< what is to be fetched next
        std::uint64_t end;
        block here{};
        std::future<block> ahead{};  ///< the window after `here`, up to `next`
    };
    using expected_at = std::list<expected>::iterator;

    [[nodiscard]] std::span<const char> find(std::uint64_t offset, std::size_t wanted);
    void move_to(expected& of, std::uint64_t offset);
    [[nodiscard]] std::span<const char> find_elsewhere(std::uint64_t offset, std::size_t wanted);
    [[nodiscard]] byte_range next_window(expected& of);
    void fetch_ahead(expected& of);
    void forget_read(std::uint64_t offset);
    [[nodiscard]] static block fetch(remote_file& from, byte_range what);
    [[nodiscard]] static std::span<const char> part_of(const block& from, std::uint64_t offset);

    http_client& by_;
    std::shared_ptr<remote_file> file_;  ///< shared with what is being fetched
    std::list<expected> expected_;
    block elsewhere_;  ///< what was read last of the rest; first, the beginning of the file
};

}  // namespace sheaf::fetch
