// Reading and writing journals. Everything read is checked: a journal may be cut off, or anything at all.
#include "map_reduce/journal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <xxhash.h>

#include <sheaf/codec.hpp>

namespace sheaf::detail {
namespace {

constexpr std::string_view magic = "sheaf journal 1\n";
constexpr std::size_t frame_bytes = 12;  // length, 4 bytes, and checksum, 8, both little-endian as memory has them

std::string framed(const run_note& note) {
    std::string text(frame_bytes, '\0');
    encode_to(text, note);
    const auto length = static_cast<std::uint32_t>(text.size() - frame_bytes);
    const std::uint64_t checksum = XXH3_64bits(text.data() + frame_bytes, length);
    std::memcpy(text.data(), &length, sizeof length);
    std::memcpy(text.data() + sizeof length, &checksum, sizeof checksum);
    return text;
}

// The encoding of the note at the front of `rest`, if all of it is there and undamaged.
std::optional<std::string_view> next_payload(std::string_view rest) {
    if (rest.size() < frame_bytes) return std::nullopt;
    std::uint32_t length = 0;
    std::uint64_t checksum = 0;
    std::memcpy(&length, rest.data(), sizeof length);
    std::memcpy(&checksum, rest.data() + sizeof length, sizeof checksum);
    if (length > rest.size() - frame_bytes) return std::nullopt;
    const std::string_view payload = rest.substr(frame_bytes, length);
    if (XXH3_64bits(payload.data(), payload.size()) != checksum) return std::nullopt;
    return payload;
}

bool is_known_header(const run_note& note) {
    const auto* const header = std::get_if<run_header>(&note);
    return header != nullptr && header->version == run_header{}.version;
}

// The first `bytes_max` bytes of a file, or as many as there are.
std::string read_front(const std::filesystem::path& path, std::uint64_t bytes_max) {
    std::string text;
    const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    while (file && text.size() < bytes_max) {
        const std::size_t before = text.size();
        const std::size_t wanted = std::min<std::uint64_t>(bytes_max - before, std::max<std::size_t>(before, 1U << 16));
        text.resize(before + wanted);
        const ssize_t n = ::read(file.get(), text.data() + before, wanted);
        text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
        if (n <= 0) break;
    }
    return text;
}

}  // namespace

journal_text read_notes(std::string_view bytes) {
    journal_text found;
    if (!bytes.starts_with(magic)) return found;
    found.valid_bytes = magic.size();
    while (const auto payload = next_payload(bytes.substr(found.valid_bytes))) {
        try {
            found.notes.push_back(decode<run_note>(*payload));
        } catch (const std::exception&) {
            break;  // whoever wrote it speaks another language
        }
        if (found.notes.size() == 1 && !is_known_header(found.notes.front())) return {};
        found.valid_bytes += frame_bytes + payload->size();
    }
    return found;
}

journal_text read_journal(const std::filesystem::path& journal) {
    return read_notes(read_front(journal, std::uint64_t{1} << 40));
}

std::optional<run_header> read_header(const std::filesystem::path& journal) {
    std::string text = read_front(journal, magic.size() + frame_bytes);
    std::uint32_t length = 0;
    if (text.size() < magic.size() + frame_bytes) return std::nullopt;
    std::memcpy(&length, text.data() + magic.size(), sizeof length);
    text = read_front(journal, magic.size() + frame_bytes + length);
    journal_text found = read_notes(text);
    if (found.notes.empty()) return std::nullopt;
    return std::get<run_header>(std::move(found.notes.front()));
}

journal::journal(const std::filesystem::path& path, std::uint64_t valid_bytes)
    : path_(path),
      file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_APPEND, 0600)),
      bytes_(valid_bytes) {
    if (!file_ || ::ftruncate(file_.get(), static_cast<off_t>(valid_bytes)) != 0) {
        fail(errno);
        file_.reset();
        return;
    }
    if (valid_bytes != 0) return;
    unwritten_ = magic;
    write();
}

void journal::append(const run_note& note) {
    if (!file_) return;
    unwritten_ += framed(note);
    write();
}

void journal::sync() {
    if (file_ && ::fdatasync(file_.get()) != 0) fail(errno);
}

void journal::write() {
    const ssize_t written = ::write(file_.get(), unwritten_.data(), unwritten_.size());
    if (written == static_cast<ssize_t>(unwritten_.size())) {
        bytes_ += unwritten_.size();
        unwritten_.clear();
        return trouble_.clear();
    }
    fail(written < 0 ? errno : ENOSPC);
    // A part of a note would hide those behind it.
    if (written > 0 && ::ftruncate(file_.get(), static_cast<off_t>(bytes_)) != 0) file_.reset();
}

void journal::fail(int error_number) {
    trouble_ = "the journal " + path_.string() + " cannot be written (" +
               std::generic_category().message(error_number) +
               "): should this run be resumed, some of it is done again";
}

}  // namespace sheaf::detail
