// The example "survey": one program begins a run, another one takes what it gives.
#include <fstream>
#include <string>

#include <gmock/gmock.h>

#include "integration/cluster/worker_program.hpp"
#include "integration/examples/example_run.hpp"
#include "support/scratch_directory.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(survey_example, a_second_program_takes_the_report_once) {
    const scratch_directory place;
    const auto texts = place.path() / "texts";
    std::filesystem::create_directory(texts);
    std::ofstream(texts / "a.txt") << "one\nlonger line\n";
    std::ofstream(texts / "b.txt") << "two\n";
    const sheafd_process server({"--data-dir", (place.path() / "queue").string()});
    const std::string address = to_string(server.where());
    const auto run = [&](const std::string& name, const std::string& argument) {
        process child(command{{program("examples/" + name), argument}, {"SHEAF_SERVER=" + address}});
        std::string output = child.read_all();
        const int status = child.wait().value_or(-1);
        return example_run{status, std::move(output), child.error_output()};
    };
    const example_run begun = run("survey", texts.string());
    ASSERT_EQ(begun.status, 0) << begun.errors;
    const std::string id = begun.output.substr(0, begun.output.find('\n'));
    const worker_program workers(address, "examples/survey");  // only now: the run waited
    const example_run taken = run("survey_result", id);
    EXPECT_EQ(taken.status, 0) << taken.errors;
    EXPECT_EQ(taken.output, (texts / "a.txt").string() + ": 2 lines, the longest of 11 bytes\n" +
                                (texts / "b.txt").string() + ": 1 lines, the longest of 3 bytes\n2 files, 3 lines\n");
    EXPECT_THAT(taken.errors, HasSubstr("survey.look: "));
    const example_run again = run("survey_result", id);
    EXPECT_EQ(again.status, 1);
    EXPECT_THAT(again.errors, HasSubstr("was taken by"));

    const example_run unknown = run("survey_result", "nosuch");
    EXPECT_EQ(unknown.status, 1);
    EXPECT_THAT(unknown.errors, StartsWith("survey_result: "));
    EXPECT_THAT(unknown.errors, Not(HasSubstr("survey.look")));
}

TEST(survey_example, begins_nothing_on_a_server_that_would_end_with_it) {
    for (const std::string server : {"", "inproc:"}) {
        process child(command{{program("examples/survey"), "/"}, {"SHEAF_SERVER=" + server, "SHEAF_WORKERS=1"}});
        EXPECT_EQ(child.read_all(), "") << "an id that leads to nothing";
        EXPECT_EQ(child.wait(), 2);
        EXPECT_THAT(child.error_output(), HasSubstr("SHEAF_SERVER=ADDRESS"));
    }
}

}  // namespace
}  // namespace sheaf::test
