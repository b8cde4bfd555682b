// What the map/reduce examples should come to: the same computations in a few plain lines, with nothing of Sheaf's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sheaf::test {

/// The lines of `text`, without their newlines.
std::vector<std::string> lines_of(std::string_view text);

std::vector<std::string> plain_grep(std::string_view text, std::string_view wanted);
/// Records of 100 bytes by their first 10; equal ones in the order they come.
std::string plain_sort(std::string_view records);
/// "word: d d d" for lines of number, tab, words.
std::vector<std::string> plain_document_index(std::string_view documents);
/// "name: file file" for the names in the files' texts, by path.
std::vector<std::string> plain_name_index(const std::map<std::string, std::string>& files);
/// "order,name,country,amount" lines for CSV without quotes, of customers id,name,country and orders number,customer,amount.
std::vector<std::string> plain_join(std::string_view customers, std::string_view orders);
/// Ranks by page after so many rounds, for lines of "from to".
std::map<std::uint32_t, double> plain_ranks(std::string_view links, unsigned rounds);
/// Summary lines for measurements of 16 bytes.
std::vector<std::string> plain_summaries(std::string_view measurements);
/// "word<TAB>count".
std::vector<std::string> plain_word_counts(std::string_view text);

}  // namespace sheaf::test
