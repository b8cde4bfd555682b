// The files of a report.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <sheaf/run_report.hpp>

namespace sheaf {
namespace {

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) throw std::runtime_error("cannot write the report to " + path.string());
}

}  // namespace

void write_report(const map_reduce_report& report, const std::string& directory) {
    std::error_code why;
    std::filesystem::create_directories(directory, why);
    if (why) throw std::runtime_error("cannot make the report's directory " + directory + ": " + why.message());
    const std::filesystem::path in(directory);
    std::ostringstream text;
    text << report;
    write_file(in / "report.txt", text.str());
    write_file(in / "report.json", to_json(report));
    write_file(in / "report.html", to_html(report));
    write_file(in / "trace.json", to_trace(report));
}

}  // namespace sheaf
