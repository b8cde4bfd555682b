// What the programs written by hand share: a mapped file, pieces of it for threads, a flat hash table, an output file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sheaf::bench {

class whole_file {
  public:
    explicit whole_file(const std::string& path) {
        const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        struct stat about {};
        if (fd < 0 || ::fstat(fd, &about) != 0) throw std::runtime_error("cannot open " + path);
        size_ = static_cast<std::size_t>(about.st_size);
        void* const at = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd, 0);
        ::close(fd);
        if (at == MAP_FAILED) throw std::runtime_error("cannot map " + path);
        data_ = static_cast<const char*>(at);
    }
    whole_file(const whole_file&) = delete;
    whole_file& operator=(const whole_file&) = delete;
    ~whole_file() { ::munmap(const_cast<char*>(data_), size_); }

    [[nodiscard]] std::string_view text() const noexcept { return {data_, size_}; }

  private:
    const char* data_ = nullptr;
    std::size_t size_ = 0;
};

/// The text in `count` pieces of whole lines.
inline std::vector<std::string_view> pieces_of(std::string_view text, std::size_t count) {
    std::vector<std::string_view> pieces;
    std::size_t begin = 0;
    for (std::size_t i = 1; i <= count; ++i) {
        std::size_t end = i == count ? text.size() : text.find('\n', std::max(begin, text.size() / count * i));
        end = i == count || end == text.npos ? text.size() : end + 1;
        pieces.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return pieces;
}

/// Calls work(i) for each i below `threads`, each in a thread of its own, and waits for all.
inline void in_threads(std::size_t threads, const std::function<void(std::size_t)>& work) {
    std::vector<std::jthread> all;
    for (std::size_t i = 0; i < threads; ++i) all.emplace_back([&work, i] { work(i); });
}

template <class F>
void for_each_blank_separated(std::string_view text, F&& f) {
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end) {
        while (at != end && static_cast<unsigned char>(*at) <= ' ') ++at;
        const char* const word = at;
        while (at != end && static_cast<unsigned char>(*at) > ' ') ++at;
        if (at != word) f(std::string_view(word, static_cast<std::size_t>(at - word)));
    }
}

inline std::uint64_t hash_text(std::string_view text) noexcept {
    std::uint64_t hash = 0x9e3779b97f4a7c15 ^ text.size();
    for (; text.size() >= 8; text.remove_prefix(8)) {
        std::uint64_t word;
        std::memcpy(&word, text.data(), 8);
        hash = (hash ^ word) * 0xff51afd7ed558ccd;
        hash ^= hash >> 32;
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, text.data(), text.size());
    hash = (hash ^ rest) * 0xc4ceb9fe1a85ec53;
    return hash ^ hash >> 29;
}

/// Open addressing, entries in order of first sight. Keys are views of the mapped input.
template <class Value>
class word_table {
  public:
    struct entry {
        std::string_view word;
        std::uint64_t hash;
        Value value{};
    };

    Value& operator[](std::string_view word) { return find(word, hash_text(word)); }
    Value& find(std::string_view word, std::uint64_t hash) {
        if (entries_.size() * 2 >= places_.size()) grow();
        std::size_t at = hash & (places_.size() - 1);
        for (; places_[at] != 0; at = (at + 1) & (places_.size() - 1)) {
            entry& one = entries_[places_[at] - 1];
            if (one.hash == hash && one.word == word) return one.value;
        }
        entries_.push_back({word, hash, {}});
        places_[at] = static_cast<std::uint32_t>(entries_.size());
        return entries_.back().value;
    }
    [[nodiscard]] std::vector<entry>& entries() noexcept { return entries_; }

  private:
    void grow() {
        places_.assign(std::max<std::size_t>(1024, places_.size() * 2), 0);
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            std::size_t at = entries_[i].hash & (places_.size() - 1);
            while (places_[at] != 0) at = (at + 1) & (places_.size() - 1);
            places_[at] = static_cast<std::uint32_t>(i + 1);
        }
    }

    std::vector<entry> entries_;
    std::vector<std::uint32_t> places_;
};

/// A file written through a large buffer, from one thread.
class written_file {
  public:
    explicit written_file(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "wbe")) {
        if (file_ == nullptr) throw std::runtime_error("cannot create " + path);
    }
    written_file(const written_file&) = delete;
    written_file& operator=(const written_file&) = delete;
    ~written_file() { std::fclose(file_); }

    void put(std::string_view bytes) {
        buffer_ += bytes;
        if (buffer_.size() >= buffer_bytes) flush();
    }
    void flush() {
        if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size() || std::fflush(file_) != 0) {
            throw std::runtime_error("cannot write " + path_);
        }
        buffer_.clear();
    }

  private:
    static constexpr std::size_t buffer_bytes = 1 << 20;

    std::string path_;
    std::FILE* file_;
    std::string buffer_;
};

}  // namespace sheaf::bench
