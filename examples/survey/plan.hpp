// The plan of a survey, which both programs know.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sheaf/pipeline.hpp>
#include <sheaf/sheaf.hpp>

/// What was found in a file.
struct findings {
    std::string path;
    std::uint64_t lines = 0;
    std::uint64_t longest = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(path), CEREAL_NVP(lines), CEREAL_NVP(longest));
    }
};

inline constexpr sheaf::task<"survey.list", std::vector<std::string>(std::string)> list_files{};
inline constexpr sheaf::task<"survey.look", findings(std::string)> look_at{};
inline constexpr sheaf::task<"survey.report", std::string(std::vector<findings>)> write_report{};

/// From a directory to a report on the text files in it. A file that cannot be read is left out.
inline auto survey_plan() {
    return sheaf::pipeline("survey") | sheaf::stage(list_files) |
           sheaf::each(look_at, {.on_failure = sheaf::on_failure::skip}) | sheaf::stage(write_report);
}
