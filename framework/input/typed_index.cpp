#include "input/typed_index.hpp"

#include <cstring>
#include <xxhash.h>

#include <sheaf/detail/encode_value.hpp>
#include <sheaf/detail/typed_file.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {

namespace {

constexpr std::uint64_t schema_bytes_max = 1U << 20;

std::uint64_t number_at(const char* at) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return wire_order(value);
}

std::string read_exactly(range_reader& in, std::uint64_t offset, std::uint64_t size) {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    bytes.resize(in.read_at(offset, bytes));
    return bytes;
}

}  // namespace

typed_index::typed_index(range_reader& in, const std::string& schema) : name_(in.name()) {
    if (in.size() == 0) {
        end_ = begin();
        return;
    }
    read(in);
    const std::string_view written = std::string_view(tail_).substr(blocks_ * typed_entry_bytes, schema_size_);
    if (!schema.empty() && schema != written) {
        throw unit_refused("'" + name_ + "' has records of type " + std::string(written) +
                           ", and the run reads it as " + schema +
                           ". Give it the files that were written with that type, or read them as what they are.");
    }
    check_entries();
}

void typed_index::read(range_reader& in) {
    constexpr std::uint64_t least = typed_file_begin.size() + typed_trailer_bytes;
    if (in.size() < least) refuse("it is too short");
    if (read_exactly(in, 0, typed_file_begin.size()) != typed_file_begin) refuse("it does not begin as one");
    const std::string trailer = read_exactly(in, in.size() - typed_trailer_bytes, typed_trailer_bytes);
    if (!trailer.ends_with(typed_file_end))
        refuse("it does not end as one, so it has not been written or copied to its end");
    end_ = number_at(trailer.data());
    const std::uint64_t blocks = number_at(trailer.data() + 8);
    records_ = number_at(trailer.data() + 16);
    const std::uint64_t schema_size = number_at(trailer.data() + 24);
    // Nothing is claimed that the file has no room for.
    const std::uint64_t room = in.size() - least;
    if (end_ < begin() || end_ - begin() > room) refuse("its index is in no place");
    const std::uint64_t index_room = room - (end_ - begin());
    if (blocks > index_room / typed_entry_bytes || schema_size != index_room - blocks * typed_entry_bytes) {
        refuse("its index is of no size");
    }
    // Nor is more of it than such records can have, so that a file made of an index takes no memory.
    if (blocks > (end_ - begin()) / typed_block_bytes + 1 || schema_size > schema_bytes_max) {
        refuse("its index is larger than its records explain");
    }
    blocks_ = static_cast<std::size_t>(blocks);
    schema_size_ = static_cast<std::size_t>(schema_size);
    tail_ = read_exactly(in, end_, in.size() - end_);
    const std::size_t hashed = tail_.size() - typed_file_end.size() - sizeof(std::uint64_t);
    if (tail_.size() != in.size() - end_ || XXH3_64bits(tail_.data(), hashed) != number(hashed)) {
        refuse("its index is damaged");
    }
}

// The checksum holds, but a file can be made to say anything.
void typed_index::check_entries() const {
    std::uint64_t at = begin();
    std::uint64_t records = 0;
    for (std::size_t i = 0; i < blocks_; ++i) {
        const std::uint64_t end = number(i * typed_entry_bytes);
        const std::uint64_t up_to = number(i * typed_entry_bytes + 8);
        if (end <= at || end > end_ || up_to <= records) refuse("its index makes no sense");
        at = end;
        records = up_to;
    }
    if (at != end_ || records != records_) refuse("its index does not have all of its records");
}

std::uint64_t typed_index::begin() const noexcept { return typed_file_begin.size(); }

typed_index::block typed_index::at(std::size_t index) const {
    const std::size_t entry = index * typed_entry_bytes;
    block found{
        .begin = begin(), .end = number(entry), .first_record = 0, .records = 0, .checksum = number(entry + 16)};
    if (index != 0) {
        found.begin = number(entry - typed_entry_bytes);
        found.first_record = number(entry - typed_entry_bytes + 8);
    }
    found.records = number(entry + 8) - found.first_record;
    return found;
}

std::size_t typed_index::block_with(std::uint64_t offset) const {
    std::size_t first = 0;
    std::size_t count = blocks_;
    while (count != 0) {
        const std::size_t half = count / 2;
        if (at(first + half).end <= offset) {
            first += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return first;
}

std::uint64_t typed_index::number(std::size_t at) const { return number_at(tail_.data() + at); }

void typed_index::refuse(const std::string& why) const {
    throw unit_refused("'" + name_ + "' is no file of typed records: " + why + ".");
}

}  // namespace sheaf::detail
