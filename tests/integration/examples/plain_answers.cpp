#include "integration/examples/plain_answers.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <limits>
#include <set>
#include <sstream>
#include <tuple>

namespace sheaf::test {
namespace {

std::vector<std::string> split(std::string_view text, char by) {
    std::vector<std::string> parts;
    std::istringstream stream{std::string(text)};
    for (std::string part; std::getline(stream, part, by);) parts.push_back(part);
    return parts;
}

}  // namespace

std::vector<std::string> lines_of(std::string_view text) { return split(text, '\n'); }

std::vector<std::string> plain_grep(std::string_view text, std::string_view wanted) {
    std::vector<std::string> found = lines_of(text);
    std::erase_if(found, [&](const std::string& line) { return line.find(wanted) == line.npos; });
    return found;
}

std::string plain_sort(std::string_view records) {
    std::vector<std::string_view> all;
    for (std::size_t at = 0; at < records.size(); at += 100) all.push_back(records.substr(at, 100));
    std::ranges::stable_sort(all, {}, [](std::string_view record) { return record.substr(0, 10); });
    std::string sorted;
    for (const std::string_view one : all) sorted += one;
    return sorted;
}

std::vector<std::string> plain_document_index(std::string_view documents) {
    std::map<std::string, std::set<std::uint32_t>> index;
    for (const std::string& line : lines_of(documents)) {
        std::istringstream words(line);
        std::uint32_t number = 0;
        words >> number;
        for (std::string word; words >> word;) index[word].insert(number);
    }
    std::vector<std::string> lines;
    for (const auto& [word, numbers] : index) {
        std::string line = word + ":";
        for (const std::uint32_t one : numbers) line += " " + std::to_string(one);
        lines.push_back(line);
    }
    return lines;
}

std::vector<std::string> plain_name_index(const std::map<std::string, std::string>& files) {
    std::map<std::string, std::set<std::string>> index;
    for (const auto& [path, text] : files) {
        std::string name;
        for (const char c : text + " ") {
            const bool letter = (std::isalpha(static_cast<unsigned char>(c)) != 0) || c == '_';
            const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
            if (letter || digit) {
                name += c;
                continue;
            }
            if (!name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0) index[name].insert(path);
            name.clear();
        }
    }
    std::vector<std::string> lines;
    for (const auto& [name, paths] : index) {
        std::string line = name + ":";
        for (const std::string& path : paths) line += " " + path;
        lines.push_back(line);
    }
    return lines;
}

std::vector<std::string> plain_join(std::string_view customers, std::string_view orders) {
    std::map<std::string, std::string> known;
    for (const std::string& line : lines_of(customers)) {
        const auto fields = split(line, ',');
        known[fields[0]] = fields[1] + "," + fields[2];
    }
    std::vector<std::string> lines;
    for (const std::string& line : lines_of(orders)) {
        const auto fields = split(line, ',');
        const auto who = known.find(fields[1]);
        if (who != known.end() && fields[0] != "number")
            lines.push_back(fields[0] + "," + who->second + "," + fields[2]);
    }
    return lines;
}

std::map<std::uint32_t, double> plain_ranks(std::string_view links, unsigned rounds) {
    std::map<std::uint32_t, std::vector<std::uint32_t>> graph;
    for (const std::string& line : lines_of(links)) {
        std::istringstream numbers(line);
        std::uint32_t from = 0;
        std::uint32_t to = 0;
        numbers >> from >> to;
        graph[from].push_back(to);
        graph[to];
    }
    std::map<std::uint32_t, double> ranks;
    for (const auto& [page, to] : graph) ranks[page] = 1;
    for (unsigned round = 0; round < rounds; ++round) {
        std::map<std::uint32_t, double> next;
        for (const auto& [page, to] : graph) next[page] = 0.15;
        for (const auto& [page, to] : graph) {
            for (const std::uint32_t one : to) next[one] += 0.85 * ranks[page] / static_cast<double>(to.size());
        }
        ranks = next;
    }
    return ranks;
}

std::vector<std::string> plain_summaries(std::string_view measurements) {
    struct sums {
        unsigned long long count = 0;
        double sum = 0;
        double least = std::numeric_limits<double>::infinity();
        double greatest = -std::numeric_limits<double>::infinity();
    };
    std::map<std::pair<std::uint32_t, std::uint16_t>, sums> all;
    for (std::size_t at = 0; at < measurements.size(); at += 16) {
        std::uint32_t sensor = 0;
        std::uint16_t hour = 0;
        double value = 0;
        std::memcpy(&sensor, &measurements[at], 4);
        std::memcpy(&hour, &measurements[at + 4], 2);
        std::memcpy(&value, &measurements[at + 8], 8);
        sums& one = all[{sensor, hour}];
        ++one.count;
        one.sum += value;
        one.least = std::min(one.least, value);
        one.greatest = std::max(one.greatest, value);
    }
    std::vector<std::string> lines;
    for (const auto& [key, one] : all) {
        char line[200];
        std::snprintf(line, sizeof line, "%u\t%u\t%llu\t%.6f\t%.3f\t%.3f", key.first, unsigned{key.second}, one.count,
                      one.sum / static_cast<double>(one.count), one.least, one.greatest);
        lines.emplace_back(line);
    }
    return lines;
}

std::vector<std::string> plain_word_counts(std::string_view text) {
    std::map<std::string, std::uint64_t> counts;
    std::istringstream words{std::string(text)};
    for (std::string word; words >> word;) ++counts[word];
    std::vector<std::string> lines;
    for (const auto& [word, count] : counts) lines.push_back(word + "\t" + std::to_string(count));
    return lines;
}

}  // namespace sheaf::test
