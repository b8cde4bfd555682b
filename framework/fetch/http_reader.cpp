#include "fetch/http_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "fetch/fetch_failure.hpp"
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::fetch {
namespace {

// Of reads that nobody expected: indexes and the like, which are read in pieces.
constexpr std::uint64_t elsewhere_bytes = 16 * 1024;

// In the terms of a range_reader.
template <class F>
auto in_terms_of_attempts(F&& work) {
    try {
        return work();
    } catch (const fetch_failure& why) {
        if (why.which() != fetch_failure::kind::permanent) throw;
        throw detail::unit_refused(std::string(why.what()) + ".");
    }
}

}  // namespace

http_reader::http_reader(http_client& by, const url& where, remote_terms terms)
    : by_(by), file_(in_terms_of_attempts([&] { return std::make_shared<remote_file>(by, where, std::move(terms)); })) {
    const std::vector<char> first = file_->take_first_bytes();
    elsewhere_ = {std::make_unique_for_overwrite<char[]>(first.size()), {0, first.size()}};
    std::ranges::copy(first, elsewhere_.bytes.get());
}

http_reader::~http_reader() { by_.add_readers(-static_cast<int>(expected_.size())); }

std::size_t http_reader::read_at(std::uint64_t offset, std::span<char> into) {
    if (offset >= size()) return 0;
    into = into.first(std::min<std::uint64_t>(into.size(), size() - offset));
    std::size_t done = 0;
    in_terms_of_attempts([&] {
        while (done < into.size()) {
            const auto found = find(offset + done, into.size() - done);
            const std::size_t taken = std::min(found.size(), into.size() - done);
            std::memcpy(into.data() + done, found.data(), taken);
            done += taken;
        }
    });
    forget_read(offset + done);
    return done;
}

void http_reader::expect_reads(std::uint64_t offset, std::uint64_t length) {
    if (offset >= size() || length == 0 || !file_->has_ranges()) return;
    const std::uint64_t end = offset + std::min(length, size() - offset);
    if (part_of(elsewhere_, offset).size() >= end - offset) return;  // a small file is here already
    by_.add_readers(1);
    expected_.push_back({.next = offset, .end = end});
}

// What has been read to its end needs no memory any more.
void http_reader::forget_read(std::uint64_t offset) {
    const auto forgotten = std::erase_if(expected_, [&](const expected& one) {
        return one.end == offset && one.here.bytes && !part_of(one.here, offset - 1).empty();
    });
    by_.add_readers(-static_cast<int>(forgotten));
}

std::span<const char> http_reader::part_of(const block& from, std::uint64_t offset) {
    if (offset < from.place.offset || offset - from.place.offset >= from.place.length) return {};
    return {from.bytes.get() + (offset - from.place.offset), from.place.length - (offset - from.place.offset)};
}

std::span<const char> http_reader::find(std::uint64_t offset, std::size_t wanted) {
    if (const auto here = part_of(elsewhere_, offset); !here.empty()) return here;
    for (expected& one : expected_) {
        const std::uint64_t begin = one.here.bytes ? one.here.place.offset : one.next;
        if (offset < begin || offset >= one.end) continue;
        if (part_of(one.here, offset).empty()) move_to(one, offset);
        return part_of(one.here, offset);
    }
    return find_elsewhere(offset, wanted);
}

// To the window with `offset`, which mostly is the next one. The first is fetched here: it is waited for at once anyway.
void http_reader::move_to(expected& of, std::uint64_t offset) {
    if (of.ahead.valid()) of.here = of.ahead.get();
    if (part_of(of.here, offset).empty()) {
        of.next = offset;
        of.here = fetch(*file_, next_window(of));
    }
    if (of.next < of.end) fetch_ahead(of);
}

byte_range http_reader::next_window(expected& of) {
    const byte_range what{of.next, std::min<std::uint64_t>(by_.window_bytes(), of.end - of.next)};
    of.next += what.length;
    return what;
}

void http_reader::fetch_ahead(expected& of) {
    const byte_range what = next_window(of);
    auto fetched = std::make_shared<std::packaged_task<block()>>([file = file_, what] { return fetch(*file, what); });
    of.ahead = fetched->get_future();
    by_.run_ahead([fetched] { (*fetched)(); });
}

std::span<const char> http_reader::find_elsewhere(std::uint64_t offset, std::size_t wanted) {
    // What ends a file is read from its last bytes backwards.
    const std::uint64_t end = std::min(size(), offset + std::max<std::uint64_t>(wanted, elsewhere_bytes));
    const std::uint64_t begin = file_->has_ranges() ? std::min(offset, end - std::min(end, elsewhere_bytes)) : offset;
    elsewhere_ = fetch(*file_, {begin, end - begin});
    return part_of(elsewhere_, offset);
}

http_reader::block http_reader::fetch(remote_file& from, byte_range what) {
    block result{std::make_unique_for_overwrite<char[]>(what.length), what};
    from.read(what.offset, {result.bytes.get(), what.length});
    return result;
}

}  // namespace sheaf::fetch
