// A program that serves the tasks of these tests.
#include <functional>
#include <signal.h>
#include <span>
#include <string>
#include <string_view>

#include "integration/pipeline/pipeline_tasks.hpp"
#include <sheaf/app.hpp>
#include <sheaf/cluster.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/words.hpp>

int main(int argc, char** argv) {
    using namespace sheaf::test;
    sheaf::app app{"pipeline_worker"};
    app.bind(read_number, read_number_here);
    app.bind(sum_digits, sum_digits_here);
    app.bind(show, show_here);
    app.bind(survive, [](std::uint64_t number) {
        if (number % 100 == 0) ::raise(SIGKILL);
        return number;
    });
    app.bind(count_words, sheaf::map_with([](const sheaf::text_split& in, auto& out) {
                              sheaf::for_each_word(in.text(), [&](std::string_view word) { out.emit(word, 1); });
                          }).combine_with(std::plus<>{}));
    return app.run(argc, argv, [](sheaf::cluster&, std::span<const std::string>) { return 0; });
}
