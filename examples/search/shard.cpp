#include "shard.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string_view>
#include <tuple>
#include <utility>

namespace {

constexpr std::uint32_t pages_per_shard = 20'000;
constexpr std::uint32_t words_per_page = 9;

// The most frequent first.
constexpr std::array<std::string_view, 48> vocabulary = {
    "wind",   "sea",     "sail",     "north",   "rain",   "course",   "west",    "watch",  "calm",    "deck",
    "south",  "cloud",   "mast",     "east",    "fog",    "rope",     "current", "gull",   "swell",   "stars",
    "anchor", "harbour", "island",   "storm",   "reef",   "cook",     "compass", "barrel", "lantern", "pilot",
    "whale",  "coral",   "mutiny",   "sextant", "parrot", "treasure", "iceberg", "leak",   "dolphin", "lighthouse",
    "scurvy", "shark",   "castaway", "pirate",  "comet",  "kraken",   "mermaid", "volcano"};

// A word: the cube makes those at the end a hundred times as rare as those at the beginning.
std::string_view pick_word(std::mt19937_64& random) {
    const double u = static_cast<double>(random() >> 11) * 0x1p-53;
    return vocabulary[static_cast<std::size_t>(u * u * u * static_cast<double>(vocabulary.size()))];
}

bool comes_first(const hit& a, const hit& b) {
    return std::tuple(-a.score, a.shard, a.page) < std::tuple(-b.score, b.shard, b.page);
}

void keep_best(std::vector<hit>& hits, std::size_t most) {
    const auto kept = static_cast<std::ptrdiff_t>(std::min(most, hits.size()));
    std::partial_sort(hits.begin(), hits.begin() + kept, hits.end(), comes_first);
    hits.erase(hits.begin() + kept, hits.end());
}

}  // namespace

void merge_hits(std::vector<hit>& hits, std::vector<hit> more, std::size_t most) {
    std::move(more.begin(), more.end(), std::back_inserter(hits));
    keep_best(hits, most);
}

shard::shard(std::uint32_t number) : number_(number) {
    std::mt19937_64 random(number);
    for (std::uint32_t page = 0; page < pages_per_shard; ++page) {
        std::string text;
        for (std::uint32_t i = 0; i < words_per_page; ++i) {
            const std::string word(pick_word(random));
            add(page, word);
            if (i > 0) text += ' ';
            text += word;
        }
        pages_.push_back(std::move(text));
    }
}

void shard::add(std::uint32_t page, const std::string& word) {
    auto& postings = index_[word];
    if (postings.empty() || postings.back().page != page) postings.push_back({page, 0});
    ++postings.back().times;
}

std::vector<hit> shard::search(const std::vector<std::string>& words, std::size_t most) const {
    std::unordered_map<std::uint32_t, double> scores;
    for (const auto& word : words) {
        const auto found = index_.find(word);
        if (found == index_.end()) continue;
        const double rarity = std::log(static_cast<double>(pages_.size()) / static_cast<double>(found->second.size()));
        for (const posting& at : found->second) scores[at.page] += at.times * rarity;
    }
    std::vector<hit> hits;
    for (const auto& [page, score] : scores) hits.push_back({score, number_, page, {}});
    keep_best(hits, most);
    for (hit& one : hits) one.text = pages_[one.page];
    return hits;
}
