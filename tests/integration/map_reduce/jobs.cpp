// Jobs that use what word count does not: jobs NAME OUTPUT INPUT...
#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <signal.h>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/app.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/words.hpp>

namespace {

struct statistics {
    std::uint64_t words = 0;
    std::string longest;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(words, longest);
    }
};

inline constexpr sheaf::map_reduce<"index", std::string, std::string> index_words{};
inline constexpr sheaf::map_reduce<"lengths", std::uint32_t, std::uint64_t> count_lengths{};
inline constexpr sheaf::map_reduce<"statistics", std::string, statistics> describe_files{};
inline constexpr sheaf::map_reduce<"throwing", std::string, std::uint64_t> throw_in_mapper{};
inline constexpr sheaf::map_reduce<"crashing", std::string, std::uint64_t> crash_in_mapper{};

std::string file_name(const sheaf::text_split& in) { return in.path().substr(in.path().rfind('/') + 1); }

// Word to the files that it is in.
void emit_file_names(const sheaf::text_split& in, sheaf::emitter<std::string, std::string>& out) {
    for (const std::string_view line : in.lines()) {
        out.count("lines");
        sheaf::for_each_word(line, [&](std::string_view word) { out.emit(word, file_name(in)); });
    }
}
void write_index(std::string_view word, auto& names, std::string& out) {
    std::vector<std::string> all;
    for (std::string name : names) all.push_back(std::move(name));
    std::ranges::sort(all);
    all.erase(std::ranges::unique(all).begin(), all.end());
    out += word;
    for (const std::string& name : all) out += ' ' + name;
    out += '\n';
}

statistics combine_statistics(statistics a, const statistics& b) {
    a.words += b.words;
    if (b.longest.size() > a.longest.size()) a.longest = b.longest;
    return a;
}

sheaf::map_reduce_report run(const std::string& name, sheaf::cluster& on, sheaf::map_reduce_options how) {
    if (name == "index") return index_words.run(on, std::move(how));
    if (name == "lengths") return count_lengths.run(on, std::move(how));
    if (name == "statistics") return describe_files.run(on, std::move(how));
    if (name == "throwing") return throw_in_mapper.run(on, std::move(how));
    return crash_in_mapper.run(on, std::move(how));
}

}  // namespace

int main(int argc, char** argv) {
    sheaf::app app("jobs");
    app.bind(index_words,
             sheaf::map_with(emit_file_names).reduce_with([](std::string_view word, auto& names, std::string& out) {
                 write_index(word, names, out);
             }));
    app.bind(count_lengths,
             sheaf::map_with([](const sheaf::text_split& in, sheaf::emitter<std::uint32_t, std::uint64_t>& out) {
                 sheaf::for_each_word(
                     in.text(), [&](std::string_view word) { out.emit(static_cast<std::uint32_t>(word.size()), 1); });
             })
                 .combine_with(std::plus<>{})
                 .format_with([](std::string& out, std::uint32_t length, std::uint64_t words) {
                     out += std::to_string(words) + " of " + std::to_string(length) + '\n';
                 }));
    app.bind(describe_files,
             sheaf::map_with([](const sheaf::text_split& in, sheaf::emitter<std::string, statistics>& out) {
                 sheaf::for_each_word(in.text(), [&](std::string_view word) {
                     out.emit(file_name(in), {1, std::string(word)});
                 });
             })
                 .combine_with(combine_statistics)
                 .reduce_with([](std::string_view name, auto& values, std::string& out) {
                     statistics all;
                     for (const statistics& one : values) all = combine_statistics(all, one);
                     out += std::string(name) + ": " + std::to_string(all.words) + ", " + all.longest + '\n';
                 }));
    app.bind(throw_in_mapper,
             sheaf::map_with([](const sheaf::text_split&, sheaf::emitter<std::string, std::uint64_t>&) {
                 throw std::runtime_error("the third line makes no sense");
             }).combine_with(std::plus<>{}));
    app.bind(crash_in_mapper,
             sheaf::map_with([](const sheaf::text_split&, sheaf::emitter<std::string, std::uint64_t>&) {
                 ::signal(SIGSEGV, SIG_DFL);  // a sanitizer's handler would make it an exit
                 ::raise(SIGSEGV);
             }).combine_with(std::plus<>{}));
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> arguments) {
        std::vector<std::string> inputs(arguments.begin() + 2, arguments.end());
        std::cerr << run(arguments[0], cluster,
                         {.input = sheaf::text_files(std::move(inputs)),
                          .output = arguments[1],
                          .partitions = 2,
                          .split_bytes = 16});
        return 0;
    });
}
