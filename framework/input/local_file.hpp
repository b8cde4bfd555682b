// A regular file of this host, as what can be read at any place.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include <sheaf/detail/byte_reader.hpp>
#include <sheaf/detail/file.hpp>

namespace sheaf::detail {

class local_file final : public range_reader {
  public:
    /// `size` and `tag`, if it is not empty, are what the driver saw. Throws unit_refused when they are others, or the file cannot be
    /// read.
    local_file(const std::string& path, std::uint64_t size, const std::string& tag = {});

    [[nodiscard]] const std::string& name() const noexcept override { return file_.path(); }
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    [[nodiscard]] std::size_t read_at(std::uint64_t offset, std::span<char> into) override;
    [[nodiscard]] std::string tag() const override { return tag_; }
    void check_unchanged() override;

    [[nodiscard]] const file& opened() const noexcept { return file_; }

  private:
    file file_;
    std::uint64_t size_;
    std::string tag_;
};

/// What becomes of the failure of a system call at an input: unit_refused, or the same again when it is this worker's trouble
/// and not the file's.
[[noreturn]] void refuse_input(const std::system_error& why);

/// Throws unit_refused: the input `name` is not what the driver saw; `how` says in what.
[[noreturn]] void refuse_changed(const std::string& name, const std::string& how);
/// Unless the input has the size that the driver saw.
void check_size(const std::string& name, std::uint64_t planned, std::uint64_t now);

/// Throws unit_refused: something of a mapped file could not be read.
[[noreturn]] void refuse_torn(const std::string& path);

}  // namespace sheaf::detail
