#include <new>
#include <utility>
#include <xxhash.h>

#include <sheaf/detail/csv_fields.hpp>
#include <sheaf/detail/output_file.hpp>

namespace sheaf::detail {

output_file::output_file(std::string directory, std::string name, const output_format& how,
                         std::optional<claimed_place> place)
    : directory_(std::move(directory)),
      name_(std::move(name)),
      place_(std::move(place)),
      checksum_(XXH3_createState()),
      encoding_(how.encoding) {
    if (!checksum_) throw std::bad_alloc();
    if (!place_) file_.emplace(directory_, name_);
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

void output_file::leave_place() {
    file_.emplace(directory_, name_);
    place_->copy_to(*file_);
    place_.reset();
}

void output_file::write(std::string_view bytes) {
    if (place_ && !place_->has_room(bytes.size())) leave_place();
    place_ ? place_->write(bytes) : file_->write(bytes);
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
    if (place_ && !place_->full()) leave_place();
    if (!place_) return file_->commit();
    place_->keep();
    return {};
}

std::uint64_t output_file::checksum() const { return XXH3_64bits_digest(checksum_.get()); }

}  // namespace sheaf::detail
