// The guide's page about pipelines: pages of a small book shop are fetched, taken apart and described.
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <variant>
#include <vector>

#include <sheaf/pipeline.hpp>
#include <sheaf/sheaf.hpp>
#include <sheaf/words.hpp>

using namespace std::chrono_literals;

// [tasks]
struct no_such_page : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline constexpr sheaf::task<"page.fetch", std::string(std::string), sheaf::throws<no_such_page>> fetch{};
inline constexpr sheaf::task<"page.words", std::vector<std::string>(std::string)> cut{};
inline constexpr sheaf::task<"word.length", std::uint64_t(std::string)> measure{};
inline constexpr sheaf::task<"page.title", std::string(std::string)> find_title{};
inline constexpr sheaf::task<"page.describe", std::string(std::vector<std::uint64_t>, std::string)> describe{};
// [/tasks]

std::string page_at(const std::string& url) {
    if (url == "/gone") throw no_such_page("there is no page " + url);
    if (url == "/empty") return "";
    return "Welcome to " + url;
}

std::vector<std::string> words_of(const std::string& page) {
    std::vector<std::string> words;
    sheaf::for_each_word(page, [&](std::string_view word) { words.emplace_back(word); });
    return words;
}

std::string description(const std::vector<std::uint64_t>& lengths, const std::string& title) {
    std::uint64_t letters = 0;
    for (const std::uint64_t one : lengths) letters += one;
    return title + ": " + std::to_string(lengths.size()) + " words, " + std::to_string(letters) + " letters";
}

// [events]
void show(const sheaf::event& what) {
    std::visit(
        [](const auto& one) {
            using kind = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<kind, sheaf::events::progress>) {
                std::cerr << one.done << " pages\n";
            } else if constexpr (std::is_same_v<kind, sheaf::events::item_failed>) {
                std::cerr << one.stage << ": " << one.why.message << '\n';
            } else if constexpr (std::is_same_v<kind, sheaf::events::retrying>) {
                std::cerr << one.stage << ": attempt " << one.attempt << " failed\n";
            }
        },
        what);
}
// [/events]

void with_failures(sheaf::cluster& cluster) {
    const std::vector<std::string> urls{"/books", "/gone", "/maps"};

    // [skip]
    const auto patient = sheaf::pipeline("fetch") | sheaf::stage(fetch, {.on_failure = sheaf::on_failure::skip});
    auto run = cluster.start(patient, urls, {.in_order = true});
    for (auto& [index, page] : run) std::cout << page << '\n';
    for (const sheaf::stage_summary& stage : run.summary().stages) {
        std::cout << stage.name << ": " << stage.ok << " of " << stage.in << " pages\n";
    }
    // [/skip]

    // [collect]
    const auto collecting = sheaf::pipeline("fetch") | sheaf::stage(fetch, {.on_failure = sheaf::on_failure::collect});
    for (auto& [index, page] : cluster.start(collecting, urls, {.in_order = true})) {
        std::cout << (page ? *page : page.error().message) << '\n';  // page is a sheaf::result<std::string>
    }
    // [/collect]

    // [fail]
    const auto strict = sheaf::pipeline("fetch") | sheaf::stage(fetch);
    try {
        for (auto& [index, page] : cluster.start(strict, urls)) std::cerr << page << '\n';
    } catch (const no_such_page& why) {
        std::cout << why.what() << '\n';
    }
    // [/fail]
}

int main(int argc, char** argv) {
    sheaf::app app{"pages"};
    app.bind(fetch, page_at);
    app.bind(cut, words_of);
    app.bind(measure, [](const std::string& word) { return std::uint64_t{word.size()}; });
    app.bind(find_title, [](const std::string& page) { return page.substr(0, page.find(' ')); });
    app.bind(describe, description);
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        // [plan]
        const auto plan = sheaf::pipeline("pages") |
                          sheaf::stage(fetch, {.call = {.retry = sheaf::retry{3}.backoff(100ms)}, .window = 32}) |
                          sheaf::fork(sheaf::stage(cut) | sheaf::each(measure), sheaf::stage(find_title)) |
                          sheaf::join(describe);
        // [/plan]
        // [run]
        std::cout << cluster.run(plan, "/books") << '\n';
        // [/run]
        // [start]
        const std::vector<std::string> urls{"/books", "/empty", "/maps"};
        auto run = cluster.start(plan, urls, {.in_order = true});
        for (auto& [index, text] : run) std::cout << urls[index] << " is " << text << '\n';
        // [/start]
        // [watch]
        auto watched = cluster.start(plan, urls);
        std::jthread observer([&] {
            for (const sheaf::event& one : watched.events()) show(one);
        });
        while (auto outcome = watched.next()) std::cerr << outcome->outcome << '\n';
        // [/watch]
        observer.join();
        // [dot]
        std::ofstream("pages.dot") << plan.dot();
        // [/dot]
        with_failures(cluster);
        return 0;
    });
}
