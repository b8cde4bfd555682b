// Runs of the program "robust", and what they say of themselves.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "word_count.hpp"

namespace sheaf::test {

/// The line of numbers that a run of "robust" prints.
using robust_numbers = std::map<std::string, std::uint64_t>;

inline robust_numbers numbers_of(const outcome& ended) {
    robust_numbers numbers;
    std::istringstream words(ended.out);
    for (std::string word; words >> word;) {
        const std::size_t equals = word.find('=');
        if (equals != std::string::npos) numbers[word.substr(0, equals)] = std::stoull(word.substr(equals + 1));
    }
    return numbers;
}

class robust_place : public word_count_place {
  public:
    /// `job` over what `arguments` name. `environment` comes on top of, or in place of, the usual one.
    [[nodiscard]] command robust(const std::string& job, std::vector<std::string> arguments,
                                 std::vector<std::string> environment = {}) const {
        command what = program({});
        what.arguments = {test::program("tests/robust"), job, output()};
        what.arguments.insert(what.arguments.end(), arguments.begin(), arguments.end());
        for (std::string& one : environment) {
            const std::string name = one.substr(0, one.find('=') + 1);
            std::erase_if(what.environment, [&](const std::string& old) { return old.starts_with(name); });
            what.environment.push_back(std::move(one));
        }
        return what;
    }

    /// All output files, one after the other, or the only one. The output is removed.
    [[nodiscard]] std::string take_output() const {
        if (std::filesystem::is_regular_file(output())) {
            std::string only = read_file(output());
            std::filesystem::remove(output());
            return only;
        }
        std::vector<std::string> names = names_in(output());
        std::ranges::sort(names);
        std::string all;
        for (const std::string& name : names) all += name + '\n' + read_file(output() + "/" + name);
        std::filesystem::remove_all(output());
        return all;
    }
};

}  // namespace sheaf::test
