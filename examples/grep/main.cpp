// Distributed grep: the lines of many files that have a text in them. A job that only maps.
#include <cstring>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

#include <sheaf/app.hpp>
#include <sheaf/command_line.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/run_report.hpp>

// [job]
inline constexpr sheaf::map_reduce<"grep", std::string, std::string> grep{};

// Looks for the text, not for lines: most lines are never looked at one by one.
void find_lines(const sheaf::text_split& in, std::string& out, const std::string& wanted) {
    for (std::string_view left = in.text(); !left.empty();) {
        const void* const found = ::memmem(left.data(), left.size(), wanted.data(), wanted.size());
        if (found == nullptr) return;
        const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - left.data());
        const std::size_t before = left.substr(0, at).rfind('\n');
        const std::size_t begin = before == left.npos ? 0 : before + 1;
        const std::size_t end = left.find('\n', at);
        out.append(left.substr(begin, end == left.npos ? end : end - begin)).append("\n");
        if (end == left.npos) return;
        left.remove_prefix(end + 1);
    }
}
// [/job]

int run(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    CLI::App reader("Writes the lines of files that have a text in them, in the order of the files.", "grep");
    sheaf::map_reduce_options how;
    std::string wanted;
    std::string output;
    std::string report_directory;
    std::vector<std::string> inputs;
    reader.add_option("inputs", inputs, "Files, directories, and patterns such as 'logs/**/*.gz'.")
        ->required()
        ->type_name("FILE|DIR");
    reader.add_option("--pattern", wanted, "The text to look for: no regular expression.")->required();
    reader.add_option("--output", output, "The file to make.")->required()->type_name("FILE")->allow_extra_args(false);
    reader.add_option("--report", report_directory, "Also write a report of the run there.")->type_name("DIR");
    sheaf::add_run_options(reader, how);
    if (const auto status = sheaf::parse_arguments(reader, arguments)) return *status;
    if (wanted.empty() || wanted.find('\n') != wanted.npos) {
        std::cerr << "grep: the pattern is a text of one line\n";
        return 2;
    }
    // [run]
    how.input = sheaf::text_files(inputs);
    how.output = sheaf::single_file(output);
    how.side = wanted;
    const auto report = grep.run(cluster, how);
    // [/run]
    if (!report_directory.empty()) sheaf::write_report(report, report_directory);
    std::cerr << report;
    return 0;
}

// [main]
int main(int argc, char** argv) {
    sheaf::app app("grep");
    app.bind(grep, sheaf::map_with(find_lines).with_side_data<std::string>().map_only());
    return app.run(argc, argv, run);
}
// [/main]
