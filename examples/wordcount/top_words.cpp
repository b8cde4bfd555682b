// Finding the most frequent words with a heap of the best so far.
#include "top_words.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace {

using counted = std::pair<std::string, std::uint64_t>;

bool is_better(const counted& a, const counted& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
}

// Keeps the best `n` of what it is offered; the worst of them is in front.
class best_words {
  public:
    explicit best_words(std::size_t n) : n_(n) {}

    void offer(std::string_view word, std::uint64_t count) {
        if (heap_.size() == n_) {
            if (count < heap_.front().second) return;  // what most words meet: no copy is made
            counted one(word, count);
            if (!is_better(one, heap_.front())) return;
            std::ranges::pop_heap(heap_, is_better);
            heap_.back() = std::move(one);
        } else {
            heap_.emplace_back(word, count);
        }
        std::ranges::push_heap(heap_, is_better);
    }

    [[nodiscard]] std::vector<counted> sorted() && {
        std::ranges::sort_heap(heap_, is_better);
        return std::move(heap_);
    }

  private:
    std::size_t n_;
    std::vector<counted> heap_;
};

void offer_lines(const std::string& path, best_words& best) {
    std::ifstream file(path, std::ios::binary);
    std::string line;
    while (std::getline(file, line)) {
        const std::size_t tab = line.find('\t');
        std::uint64_t count = 0;
        const char* const end = line.data() + line.size();
        if (tab == std::string::npos || std::from_chars(line.data() + tab + 1, end, count).ptr != end) {
            throw std::runtime_error(path + " has a line that is no word and count");
        }
        best.offer(std::string_view(line).substr(0, tab), count);
    }
    if (!file.eof()) throw std::runtime_error("cannot read " + path);
}

}  // namespace

std::vector<counted> top_words(const std::string& directory, const std::vector<std::string>& files, std::size_t n) {
    if (n == 0) return {};
    best_words best(n);
    for (const std::string& file : files) offer_lines(directory + "/" + file, best);
    return std::move(best).sorted();
}
