// An inverted index: where each word is. Over source files, the names in them and the files that have them; over numbered
// documents, words and document numbers.
#include <charconv>
#include <cstdint>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sheaf/accumulators.hpp>
#include <sheaf/app.hpp>
#include <sheaf/command_line.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/run_report.hpp>
#include <sheaf/words.hpp>

// [names]
inline constexpr sheaf::map_reduce<"index.names", std::string, std::string> index_names{};

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

void read_source(const sheaf::text_split& in, sheaf::emitter<std::string, std::string>& out) {
    const std::string_view text = in.text();
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && continues_name(text[end])) ++end;
        if (end > at && begins_name(text[at])) out.emit(text.substr(at, end - at), in.path());
        at = end + 1;
    }
}

void write_files(std::string& out, std::string_view name, const sheaf::distinct<std::string>& files) {
    out.append(name).append(":");
    for (const std::string& file : files.values()) out.append(" ").append(file);
    out += '\n';
}
// [/names]

// [documents]
inline constexpr sheaf::map_reduce<"index.documents", std::string, std::uint32_t> index_documents{};

void read_documents(const sheaf::text_split& in, sheaf::emitter<std::string, std::uint32_t>& out) {
    for (const std::string_view line : in.lines()) {
        std::uint32_t document = 0;
        const auto number = std::from_chars(line.data(), line.data() + line.size(), document);
        if (number.ec != std::errc{}) throw std::invalid_argument("a document without a number: " + std::string(line));
        const auto digits = static_cast<std::size_t>(number.ptr - line.data());
        sheaf::for_each_word(line.substr(digits), [&](std::string_view word) { out.emit(word, document); });
    }
}

void write_documents(std::string& out, std::string_view word, const sheaf::posting_list& documents) {
    out.append(word).append(":");
    documents.for_each([&out](std::uint64_t number) {
        char digits[24];
        out += ' ';
        out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
    });
    out += '\n';
}
// [/documents]

int run(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    CLI::App reader("Writes where each name is: lines of name: file file ..., sorted by name in each output file.",
                    "invertedindex");
    sheaf::map_reduce_options how;
    std::string output;
    std::string report_directory;
    bool numbered = false;
    std::vector<std::string> inputs;
    reader.add_option("inputs", inputs, "Source files, and directories of them.")->required()->type_name("FILE|DIR");
    reader.add_option("--output", output, "The directory to make.")
        ->required()
        ->type_name("DIR")
        ->allow_extra_args(false);
    reader.add_flag("--numbered", numbered, "The inputs have a document in each line: its number, a tab, and words.");
    reader.add_option("--report", report_directory, "Also write a report of the run there.")->type_name("DIR");
    sheaf::add_run_options(reader, how);
    if (const auto status = sheaf::parse_arguments(reader, arguments)) return *status;
    // [run]
    how.input = sheaf::text_files(inputs);
    how.output = output;
    const auto report = numbered ? index_documents.run(cluster, how) : index_names.run(cluster, how);
    // [/run]
    if (!report_directory.empty()) sheaf::write_report(report, report_directory);
    std::cerr << report;
    return 0;
}

// [main]
int main(int argc, char** argv) {
    sheaf::app app("invertedindex");
    app.bind(index_names,
             sheaf::map_with(read_source).accumulate_with<sheaf::distinct<std::string>>().format_with(write_files));
    app.bind(index_documents,
             sheaf::map_with(read_documents).accumulate_with<sheaf::posting_list>().format_with(write_documents));
    return app.run(argc, argv, run);
}
// [/main]
