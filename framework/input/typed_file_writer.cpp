#include <new>
#include <utility>
#include <xxhash.h>

#include "base/assert.hpp"
#include <sheaf/codec.hpp>
#include <sheaf/detail/record_lengths.hpp>
#include <sheaf/detail/typed_file.hpp>

namespace sheaf::detail {

struct running_hash {
    running_hash() : state(XXH3_createState()) {
        if (state == nullptr) throw std::bad_alloc();
        XXH3_64bits_reset(state);
    }
    running_hash(const running_hash&) = delete;
    running_hash& operator=(const running_hash&) = delete;
    ~running_hash() { XXH3_freeState(state); }

    XXH3_state_t* state;
};

typed_file_writer::typed_file_writer(std::string schema)
    : schema_(std::move(schema)), hash_(std::make_unique<running_hash>()) {}
typed_file_writer::typed_file_writer(typed_file_writer&&) noexcept = default;
typed_file_writer& typed_file_writer::operator=(typed_file_writer&&) noexcept = default;
typed_file_writer::~typed_file_writer() = default;

void typed_file_writer::add(std::string_view records) {
    length_cursor cursor(records);
    std::size_t hashed = 0;
    const auto hash_up_to = [&](std::size_t end) {
        XXH3_64bits_update(hash_->state, records.data() + hashed, end - hashed);
        at_ += end - std::exchange(hashed, end);
    };
    for (std::string_view record; cursor.next(record);) {
        ++records_;
        if (at_ + (cursor.position() - hashed) - block_begin_ < typed_block_bytes) continue;
        hash_up_to(cursor.position());
        end_block();
    }
    SHEAF_ASSERT(cursor.at_end(), "what is added are whole records");
    hash_up_to(records.size());
}

void typed_file_writer::end_block() {
    append_number(index_, at_);
    append_number(index_, records_);
    append_number(index_, std::uint64_t{XXH3_64bits_digest(hash_->state)});
    XXH3_64bits_reset(hash_->state);
    block_begin_ = at_;
    ++blocks_;
}

std::string typed_file_writer::end() {
    if (at_ != block_begin_) end_block();
    std::string tail = std::move(index_);
    tail += schema_;
    append_number(tail, at_);
    append_number(tail, blocks_);
    append_number(tail, records_);
    append_number(tail, std::uint64_t{schema_.size()});
    append_number(tail, std::uint64_t{XXH3_64bits(tail.data(), tail.size())});
    tail += typed_file_end;
    return tail;
}

}  // namespace sheaf::detail
