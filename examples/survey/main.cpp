// Surveys a directory, and does not wait for it: prints an id by which survey_result finds the run. See README.md.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "plan.hpp"

namespace fs = std::filesystem;

std::vector<std::string> files_in(const std::string& directory) {
    std::vector<std::string> paths;
    for (const auto& entry : fs::directory_iterator(directory)) {
        if (entry.is_regular_file()) paths.push_back(entry.path().string());
    }
    std::ranges::sort(paths);
    return paths;
}

findings look_into(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(path + " cannot be read");
    findings found{.path = path};
    for (std::string line; std::getline(file, line); ++found.lines) {
        found.longest = std::max<std::uint64_t>(found.longest, line.size());
    }
    return found;
}

std::string report_on(const std::vector<findings>& all) {
    std::ostringstream report;
    std::uint64_t lines = 0;
    for (const findings& one : all) {
        report << one.path << ": " << one.lines << " lines, the longest of " << one.longest << " bytes\n";
        lines += one.lines;
    }
    report << all.size() << " files, " << lines << " lines\n";
    return report.str();
}

// A server that the program starts for itself ends with it, and so would the run.
bool has_server() {
    const char* const server = std::getenv("SHEAF_SERVER");
    return server != nullptr && *server != '\0' && std::string_view(server) != "inproc:";
}

int main(int argc, char** argv) {
    sheaf::app app{"survey"};
    app.bind(list_files, files_in).bind(look_at, look_into).bind(write_report, report_on);
    app.bind(survey_plan());  // workers know the way from stage to stage, too

    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> arguments) {
        if (arguments.size() != 1) {
            std::cerr << "usage: survey DIRECTORY\n";
            return 2;
        }
        if (!has_server()) {
            std::cerr
                << "survey: the run would end with this program: name a server that goes on, SHEAF_SERVER=ADDRESS\n";
            return 2;
        }
        std::cout << cluster.detach(survey_plan(), fs::absolute(arguments[0]).string()).id() << '\n';
        return 0;
    });
}
