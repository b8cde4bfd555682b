// A shard of a library of ships' logs, which are made up from the shard's number, and the search in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <cereal/cereal.hpp>

struct hit {
    double score = 0;
    std::uint32_t shard = 0;
    std::uint32_t page = 0;
    std::string text;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(score), CEREAL_NVP(shard), CEREAL_NVP(page), CEREAL_NVP(text));
    }
};

// Adds `more` to `hits`, and keeps the `most` best: by score, and equal ones by where they are.
void merge_hits(std::vector<hit>& hits, std::vector<hit> more, std::size_t most);

// The pages of one shard, and where in them each word is. Reading it is safe on any thread.
class shard {
  public:
    explicit shard(std::uint32_t number);

    // The `most` best pages. Each word counts as often as a page has it, and the more the fewer pages have it.
    [[nodiscard]] std::vector<hit> search(const std::vector<std::string>& words, std::size_t most) const;

  private:
    struct posting {
        std::uint32_t page = 0;
        std::uint32_t times = 0;
    };

    void add(std::uint32_t page, const std::string& word);

    std::uint32_t number_;
    std::vector<std::string> pages_;
    std::unordered_map<std::string, std::vector<posting>> index_;
};
