// The example wordcount, which adds up while it maps, as a job that keeps all it emits until it reduces.
#include <cstdint>
#include <string>

#include <sheaf/app.hpp>
#include <sheaf/command_line.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/words.hpp>

namespace {

inline constexpr sheaf::map_reduce<"uncombined.words", std::string, std::uint64_t> count_words{};

void split_words(const sheaf::text_split& in, sheaf::emitter<std::string, std::uint64_t>& out) {
    sheaf::for_each_word(in.text(), [&](std::string_view word) { out.emit(word, 1); });
}

void add_up(std::string_view word, auto& ones, std::string& out) {
    std::uint64_t count = 0;
    for (const std::uint64_t one : ones) count += one;
    out.append(word).append("\t").append(std::to_string(count)).append("\n");
}

int drive(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    CLI::App reader("Counts words.");
    sheaf::map_reduce_options how;
    std::vector<std::string> inputs;
    std::string output;
    reader.add_option("inputs", inputs)->required();
    reader.add_option("--output", output)->required();
    sheaf::add_run_options(reader, how);
    if (const auto status = sheaf::parse_arguments(reader, arguments)) return *status;
    how.input = sheaf::text_files(inputs);
    how.output = output;
    (void)count_words.run(cluster, how);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    sheaf::app app("uncombined_words");
    app.bind(count_words,
             sheaf::map_with(split_words).reduce_with([](std::string_view word, auto& ones, std::string& out) {
                 add_up(word, ones, out);
             }));
    return app.run(argc, argv, drive);
}
