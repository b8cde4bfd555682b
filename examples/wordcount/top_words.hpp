// The most frequent words among many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Keeps the best `n`, one at least, of the words it is offered, the most frequent first and equally frequent ones by their bytes.
class top_words {
  public:
    using counted = std::pair<std::string, std::uint64_t>;

    explicit top_words(std::size_t n) : n_(n) {}

    void offer(std::string_view word, std::uint64_t count);
    [[nodiscard]] std::vector<counted> sorted() &&;

  private:
    std::size_t n_;
    std::vector<counted> heap_;  // the worst of them in front
};
