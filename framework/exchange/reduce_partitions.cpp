#include <algorithm>
#include <iterator>
#include <string>
#include <unistd.h>
#include <utility>

#include <sheaf/detail/common_file.hpp>
#include <sheaf/detail/map_attempt.hpp>
#include <sheaf/detail/reduce_partitions.hpp>

namespace sheaf::detail {
namespace {

// All but the names of files.
void add(reduce_output& to, reduce_output&& more) {
    to.records_in += more.records_in;
    to.records_out += more.records_out;
    to.output_bytes += more.output_bytes;
    to.spills += more.spills;
    to.checksum = add_checksum(to.checksum, more.checksum);
    add_counters(to.counters, std::move(more.counters));
    std::ranges::move(more.bad, std::back_inserter(to.bad));
    std::ranges::move(more.ranges, std::back_inserter(to.ranges));
}

// Of the partitions from `first` on. What has no file of its own has filled a place, which others may have.
void remove_files(const std::string& directory, const std::vector<std::string>& files, std::uint32_t first) {
    for (std::uint32_t i = 0; i < files.size(); ++i) {
        const std::string path = directory + "/" + (files[i].empty() ? claim_name(first + i) : files[i]);
        (void)(files[i].empty() ? ::truncate(path.c_str(), 0) : ::unlink(path.c_str()));
    }
}

}  // namespace

reduce_output reduce_partitions(const reduce_assignment& what,
                                const std::function<reduce_output(const reduce_assignment&)>& one) {
    if (what.partition_count <= 1) return one(what);
    reduce_assignment single = what;
    single.partition_count = 1;
    reduce_output all;
    std::vector<std::string> files;
    try {
        for (std::uint32_t i = 0; i < what.partition_count; ++i) {
            single.partition = what.partition + i;
            single.bad_records_max = what.bad_records_max - all.bad.size();
            reduce_output made = one(single);
            files.push_back(std::move(made.file));
            add(all, std::move(made));
        }
    } catch (...) {
        remove_files(what.output_directory, files, what.partition);
        throw;
    }
    all.file = std::move(files.front());
    all.more_files.assign(std::move_iterator(files.begin() + 1), std::move_iterator(files.end()));
    return all;
}

}  // namespace sheaf::detail
