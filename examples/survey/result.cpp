// Attaches to a run that survey has begun, says how far it is, and takes its report. See README.md.
#include <cstdlib>
#include <exception>
#include <iostream>

#include "plan.hpp"

int main(int argc, char** argv) {
    const char* const server = std::getenv("SHEAF_SERVER");
    if (argc != 2 || server == nullptr) {
        std::cerr << "usage: SHEAF_SERVER=ADDRESS survey_result ID\n";
        return 2;
    }
    try {
        sheaf::cluster cluster = sheaf::cluster::connect(server);
        const auto run = cluster.attach(survey_plan(), argv[1]);
        const sheaf::detached_status status = run.status();
        if (status.state == sheaf::detached_state::unknown) {
            std::cerr << "survey_result: " << status.why << '\n';
            return 1;
        }
        for (const sheaf::detached_stage& stage : status.stages) {
            std::cerr << stage.name << ": " << stage.done << " done, " << stage.running << " running, " << stage.waiting
                      << " waiting\n";
        }
        if (!status.why.empty()) std::cerr << status.why << '\n';
        std::cout << run.get();
        return 0;
    } catch (const std::exception& why) {
        std::cerr << "survey_result: " << why.what() << '\n';
        return 1;
    }
}
