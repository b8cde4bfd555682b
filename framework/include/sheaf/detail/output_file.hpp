// The file that an attempt writes as its part of the output. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <sheaf/detail/common_file.hpp>
#include <sheaf/detail/file.hpp>
#include <sheaf/detail/output_format.hpp>
#include <sheaf/detail/typed_file.hpp>

struct XXH3_state_s;

namespace sheaf::detail {

/// Gathers what is appended and writes it in large pieces: to a file of its own, or to its place in the common one. Removed unless
/// committed. All but text() throws as file::write does.
class output_file {
  public:
    /// `name` must be unique in `directory`. Begins with what `how` wants at the beginning of a file. When what comes does not fit
    /// `place` after all, or does not fill it, there is a file of its own all the same.
    output_file(std::string directory, std::string name, const output_format& how = {},
                std::optional<claimed_place> place = {});
    ~output_file();
    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;

    /// What is appended are records of this type. First, in files of types; elsewhere nothing.
    void begin_records(std::string schema);
    /// Where to append. To be followed by written().
    [[nodiscard]] std::string& text() noexcept { return buffer_; }
    /// Something was appended.
    void written() {
        if (buffer_.size() >= buffer_bytes && !held_) [[unlikely]]
            flush();
    }
    /// In the middle of what somebody appends, who may want to look at the last megabytes of it again, but has no claim to more.
    void pause() {
        if (buffer_.size() >= paused_bytes && !held_) flush();
    }
    /// Until release(), nothing is written to disk, so that what has been appended since can be taken back from text().
    void hold() noexcept { held_ = true; }
    void release() noexcept { held_ = false; }

    /// Writes the rest, and gives the file its name, which is returned; it is empty when everything is in its place.
    std::string commit();
    /// Once it is committed: the place in the common file, if it is there.
    [[nodiscard]] std::optional<file_range> range() const {
        return place_ ? std::optional(place_->where()) : std::nullopt;
    }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    /// Of the content, once it is committed: equal for equal content.
    [[nodiscard]] std::uint64_t checksum() const;

  private:
    static constexpr std::size_t buffer_bytes = 256 * 1024;
    static constexpr std::size_t paused_bytes = 4 * 1024 * 1024;

    void flush();
    void write(std::string_view bytes);
    void leave_place();

    struct free_state {
        void operator()(XXH3_state_s* state) const noexcept;
    };

    std::string directory_;
    std::string name_;
    std::optional<claimed_place> place_;  // or
    std::optional<pending_file> file_;
    std::string buffer_;
    std::uint64_t bytes_ = 0;
    bool held_ = false;
    std::unique_ptr<XXH3_state_s, free_state> checksum_;
    output_encoding encoding_;
    std::optional<typed_file_writer> frame_;  // of files of types
};

}  // namespace sheaf::detail
