#include <new>
#include <utility>
#include <xxhash.h>

#include <sheaf/detail/csv_fields.hpp>
#include <sheaf/detail/output_file.hpp>

namespace sheaf::detail {

output_file::output_file(std::string directory, std::string name, const output_format& how)
    : file_(std::move(directory), std::move(name)), checksum_(XXH3_createState()), encoding_(how.encoding) {
    if (!checksum_) throw std::bad_alloc();
    XXH3_64bits_reset(checksum_.get());
    buffer_.reserve(buffer_bytes + buffer_bytes / 4);
    buffer_ = csv_head(how);
}

output_file::~output_file() = default;

void output_file::free_state::operator()(XXH3_state_s* state) const noexcept { XXH3_freeState(state); }

void output_file::begin_records(std::string schema) {
    if (encoding_ != output_encoding::typed || frame_) return;
    frame_.emplace(std::move(schema));
    write(typed_file_writer::begin());
}

void output_file::write(std::string_view bytes) {
    file_.write(bytes);
    XXH3_64bits_update(checksum_.get(), bytes.data(), bytes.size());
    bytes_ += bytes.size();
}

void output_file::flush() {
    if (frame_) frame_->add(buffer_);
    write(buffer_);
    buffer_.clear();
}

std::string output_file::commit() {
    flush();
    if (frame_) write(frame_->end());
    return file_.commit();
}

std::uint64_t output_file::checksum() const { return XXH3_64bits_digest(checksum_.get()); }

}  // namespace sheaf::detail
