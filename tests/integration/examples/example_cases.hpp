// The map/reduce examples, each with an input and with what a plain program makes of it.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "support/scratch_directory.hpp"

namespace sheaf::test {

struct example_case {
    std::string program;                 ///< below build/bin
    std::vector<std::string> arguments;  ///< but the output and what is tuned
    /// Adds a failure unless this is the right output: its files one after the other.
    std::function<void(const std::string& output)> expect;
    /// A program that takes the same arguments and does the same without combining; empty when the example does not combine.
    std::string uncombined = {};
};

struct example {
    const char* name;
    /// Makes about so many bytes of input below `inputs`, always the same.
    example_case (*make)(const scratch_directory& inputs, std::size_t bytes);
};

example_case case_of_words(const scratch_directory& inputs, std::size_t bytes);
example_case case_of_lines(const scratch_directory& inputs, std::size_t bytes);
example_case case_of_records(const scratch_directory& inputs, std::size_t bytes);
example_case case_of_documents(const scratch_directory& inputs, std::size_t bytes);
example_case case_of_names(const scratch_directory& inputs, std::size_t bytes);
example_case case_of_orders(const scratch_directory& inputs, std::size_t bytes);
example_case case_of_links(const scratch_directory& inputs, std::size_t bytes);
example_case case_of_measurements(const scratch_directory& inputs, std::size_t bytes);

inline constexpr std::array<example, 8> all_examples{{{"words", case_of_words},
                                                      {"lines", case_of_lines},
                                                      {"records", case_of_records},
                                                      {"documents", case_of_documents},
                                                      {"names", case_of_names},
                                                      {"orders", case_of_orders},
                                                      {"links", case_of_links},
                                                      {"measurements", case_of_measurements}}};

}  // namespace sheaf::test
