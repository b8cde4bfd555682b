// Which reader a piece needs.
#include "input/piece_reader.hpp"

#include <utility>

#include "input/local_file.hpp"
#include "input/mapped_piece.hpp"
#include "input/streamed_piece.hpp"
#include "input/typed_piece.hpp"
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {

namespace {

std::unique_ptr<range_reader> open_remote(const input_piece& what, const remote_opener& open) {
    if (!open) throw unit_refused("'" + what.path + "' is not a file, and this worker has no way to read it");
    auto opened = open(what.at_driver ? "driver:" + what.path : what.path);
    check_size(what.path, what.file_size, opened->size());
    if (!what.tag.empty() && opened->tag() != what.tag) {
        refuse_changed(what.path, "it was written to after the run had begun, as its server's answers say");
    }
    return opened;
}

}  // namespace

compression packing_of(const input_format& how, std::string_view path) noexcept {
    if (how.packing != compression::by_name) return how.packing;
    // What follows the path in an address is no part of the name.
    if (is_remote(path)) path = path.substr(0, path.find_first_of("?#"));
    if (path.ends_with(".gz")) return compression::gzip;
    if (path.ends_with(".zst")) return compression::zstd;
    return compression::none;
}

std::unique_ptr<piece_reader> open_piece(const input_piece& what, const input_format& how, const remote_opener& open) {
    const bool elsewhere = what.at_driver || is_remote(what.path);
    const bool plain = !elsewhere && packing_of(how, what.path) == compression::none;
    if (plain && how.records != record_format::typed) return std::make_unique<mapped_piece>(what, how);
    std::unique_ptr<range_reader> from;
    if (elsewhere) {
        from = open_remote(what, open);
    } else {
        from = std::make_unique<local_file>(what.path, what.file_size, what.tag);
    }
    if (how.records == record_format::typed) return std::make_unique<typed_piece>(what, how, std::move(from));
    return std::make_unique<streamed_piece>(what, how, std::move(from));
}

}  // namespace sheaf::detail
