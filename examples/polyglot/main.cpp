// Calls a worker written in Perl, typed, and serves a task to clients in any language. See README.md.
#include <cstdint>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/json.hpp>
#include <sheaf/sheaf.hpp>

struct summary {
    std::uint64_t words = 0;
    std::uint64_t distinct = 0;
    std::string longest;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(words), CEREAL_NVP(distinct), CEREAL_NVP(longest));
    }
};

struct no_words : std::runtime_error {
    using std::runtime_error::runtime_error;
    static constexpr std::string_view json_name = "no_words";
};

// worker.pl serves this one ...
inline constexpr sheaf::task<"text.summary", summary(std::string), sheaf::json, sheaf::throws<no_words>> summarize{};
// ... and this program that one.
inline constexpr sheaf::task<"text.join", std::string(std::vector<std::string>, std::string), sheaf::json> join{};

std::string joined(const std::vector<std::string>& words, const std::string& between) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
    return text;
}

int main(int argc, char** argv) {
    sheaf::app app{"polyglot"};
    app.bind(join, joined);

    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> texts) {
        for (const std::string& text : texts) {
            try {
                const summary found = cluster.call(summarize(text), {.deadline = std::chrono::seconds(10)});
                std::cout << found.words << " words, " << found.distinct << " of them distinct; the longest is \""
                          << found.longest << "\"\n";
            } catch (const no_words& why) {
                std::cout << "nothing to count: " << why.what() << '\n';
            }
        }
        return 0;
    });
}
