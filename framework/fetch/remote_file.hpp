// A file on an HTTP server: its size, and ranges of its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fetch/byte_range.hpp"
#include "fetch/http_client.hpp"

namespace sheaf::fetch {

struct remote_terms {
    std::string
        authorization{};  ///< the header's value; empty: none. Not sent anywhere but to the address's own server
    transport_terms transport{};
    unsigned attempts_max = 5;  ///< in a row, without a byte in between
    unsigned refusals_max = 5;  ///< of these, those after which nobody seems to listen there any more
};

/// Any thread, several at once. Every answer must be of the file as it was first: of one size, and with one entity tag or time
/// of change, if the server tells them. All errors are fetch_failure, with the address in their text.
class remote_file {
  public:
    /// Asks for the first bytes; follows redirects.
    remote_file(http_client& by, const url& where, remote_terms terms);
    ~remote_file();
    remote_file(const remote_file&) = delete;
    remote_file& operator=(const remote_file&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// Its entity tag, or else its time of change, as the server says it; empty when it says neither.
    [[nodiscard]] const std::string& tag() const noexcept { return tag_; }
    /// The file's first bytes, as they came with the answer to the first question. Once.
    [[nodiscard]] std::vector<char> take_first_bytes() noexcept { return std::exchange(first_, {}); }
    /// Whether ranges can be asked for. If not, every read that does not follow the one before begins at the file's beginning.
    [[nodiscard]] bool has_ranges() const noexcept { return has_ranges_; }
    /// Reads [offset, offset + into.size()), all of it, which must lie within the file.
    void read(std::uint64_t offset, std::span<char> into);

  private:
    struct open_body;

    void open();
    bool open_once(int redirects_left);
    void learn(const http_answer& answer);
    void check_same(const http_answer& answer) const;
    void read_range(byte_range what, std::span<char> into, retry_pace& pace, std::size_t& done);
    void read_in_order(std::uint64_t offset, std::span<char> into, retry_pace& pace, std::size_t& done);
    [[nodiscard]] header_list headers_for(const byte_range& what) const;
    [[noreturn]] void fail(const http_answer& answer) const;
    template <class F>
    void named(F&& work) const;

    http_client& by_;
    url where_;
    remote_terms terms_;
    std::string name_;
    std::string server_;  ///< that the credentials are for
    std::uint64_t size_ = 0;
    std::string tag_;
    bool has_ranges_ = true;
    std::vector<char> first_;
    std::mutex order_;  ///< of reads without ranges
    std::unique_ptr<open_body> body_;
};

}  // namespace sheaf::fetch
