// Finding the most frequent words with a heap of the best so far.
#include "top_words.hpp"

#include <algorithm>

namespace {

bool is_better(const top_words::counted& a, const top_words::counted& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
}

}  // namespace

void top_words::offer(std::string_view word, std::uint64_t count) {
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

std::vector<top_words::counted> top_words::sorted() && {
    std::ranges::sort_heap(heap_, is_better);
    return std::move(heap_);
}
