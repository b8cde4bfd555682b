// A run that the server carries on by itself, in docs/guide/pipelines.md.
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include <sheaf/pipeline.hpp>
#include <sheaf/sheaf.hpp>
#include <sheaf/words.hpp>

// [plan]
inline constexpr sheaf::task<"text.words", std::vector<std::string>(std::string)> cut{};
inline constexpr sheaf::task<"word.length", std::uint64_t(std::string)> measure{};
inline constexpr sheaf::task<"text.longest", std::uint64_t(std::vector<std::uint64_t>)> find_longest{};

inline auto longest_word() {
    return sheaf::pipeline("longest") | sheaf::stage(cut) | sheaf::each(measure) | sheaf::stage(find_longest);
}
// [/plan]

int main(int argc, char** argv) {
    sheaf::app app{"detached"};
    app.bind(cut, [](const std::string& text) {
        std::vector<std::string> words;
        sheaf::for_each_word(text, [&](std::string_view word) { words.emplace_back(word); });
        return words;
    });
    app.bind(measure, [](const std::string& word) { return std::uint64_t{word.size()}; });
    app.bind(find_longest, [](const std::vector<std::uint64_t>& lengths) {
        std::uint64_t longest = 0;
        for (const std::uint64_t one : lengths) longest = one > longest ? one : longest;
        return longest;
    });
    // [bind]
    app.bind(longest_word());
    // [/bind]
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        // [detach]
        const std::string id = cluster.detach(longest_word(), "the quick brown fox").id();
        // [/detach]
        // [attach]
        const auto run = cluster.attach(longest_word(), id);
        for (const sheaf::detached_stage& stage : run.status().stages) {
            std::cerr << stage.name << ": " << stage.done << " done\n";
        }
        std::cout << run.get() << '\n';
        // [/attach]
        return 0;
    });
}
