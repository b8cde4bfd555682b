// Inputs that are not what one would wish for, small.
#include "odd_inputs.hpp"

namespace sheaf::test {
namespace {

TEST(odd_inputs, half_of_all_records_may_have_one_key) { sort_records_of_one_key(150'000, "2MiB", 2 * mebi); }

TEST(odd_inputs, may_be_many_tiny_files) { count_words_of_tiny_files(2000, "2,000"); }

// What is a line too long is one beyond its split.
TEST(odd_inputs, may_be_one_line_without_an_end) { count_words_of_an_endless_line(66, {"--split", "1MiB"}); }

}  // namespace
}  // namespace sheaf::test
