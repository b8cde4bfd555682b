#include <limits>

#include <sheaf/detail/reduce_attempt.hpp>

namespace sheaf::detail {
namespace {

// Of a segment file, which may be a name in the run's directory, a path of this host, or an address.
std::string path_of(const reduce_assignment& what, const std::string& name) {
    return name.starts_with('/') || is_remote(name) ? name : what.run_directory + "/" + name;
}

std::vector<std::string> paths_of(const reduce_assignment& what) {
    std::vector<std::string> paths;
    paths.reserve(what.files.size());
    for (const std::string& name : what.files) paths.push_back(path_of(what, name));
    return paths;
}

}  // namespace

void with_lost_segments(const reduce_assignment& what, const std::function<void()>& step) {
    try {
        step();
    } catch (const bad_segment& why) {
        for (const std::string& name : what.files) {
            if (why.path == path_of(what, name)) throw segment_lost(name, why.what(), why.unreached);
        }
        throw;
    }
}

std::optional<file_range> expected_range(const reduce_assignment& what, const attempt_hooks& hooks) {
    // A careful attempt may leave records out.
    if (what.format.record_bytes == 0 || what.careful) return std::nullopt;
    record_counts counts;
    with_lost_segments(what, [&] { counts = count_records(paths_of(what), what.partition, hooks.open, hooks.shelf); });
    const std::uint64_t bytes = what.format.record_bytes;
    // Further than a file may reach: not what it seemed to be.
    if (counts.before + counts.within > std::numeric_limits<std::int64_t>::max() / bytes) return std::nullopt;
    return file_range{counts.before * bytes, counts.within * bytes};
}

std::vector<extent_source> reduce_sources(const reduce_assignment& what, value_framing framing,
                                          const attempt_hooks& hooks) {
    check_run_directory(what.run_directory, what.run_nonce);
    std::vector<extent_source> sources;
    with_lost_segments(what, [&] {
        sources =
            extents_of_partition(paths_of(what), what.partition, what.partitions, framing, hooks.open, hooks.shelf);
    });
    return sources;
}

std::string reduce_output_name(const reduce_assignment& what) {
    return attempt_file_prefix("reduce", what.partition, what.attempt) + unique_suffix();
}

std::uint64_t total_bytes(const std::vector<extent_source>& sources) noexcept {
    std::uint64_t bytes = 0;
    for (const extent_source& one : sources) bytes += one.extent.length;
    return bytes;
}

void for_each_extent(const std::vector<extent_source>& sources, const attempt_hooks& hooks,
                     const std::function<void(extent_cursor&)>& each) {
    progress_gauge gauge(hooks, total_bytes(sources));
    source_opener opener;
    for (const extent_source& one : sources) {
        check_stop(hooks.stop);
        extent_cursor cursor = opener.open(one);
        each(cursor);
        gauge.advance(one.extent.length);
    }
}

void partition_walk::report() {
    check_stop(hooks_.stop);
    // Sorting was half of the way, and going through what is sorted is the other half.
    gauge_.reach(bytes_ + static_cast<std::uint64_t>(records_.share_done() * static_cast<double>(bytes_)));
}

reduce_totals walk_partition(const reduce_assignment& what, value_framing framing, const attempt_hooks& hooks,
                             const std::function<void(partition_walk&, reduce_totals&)>& walk) {
    std::vector<extent_source> sources = reduce_sources(what, framing, hooks);
    const std::uint64_t bytes = total_bytes(sources);
    progress_gauge gauge(hooks, 2 * bytes);
    const sort_plan plan{.memory_budget = what.memory_budget,
                         .directory = what.run_directory,
                         .framing = framing,
                         .pack = what.compress,
                         .stop = hooks.stop,
                         .progress = [&gauge](std::uint64_t read) { gauge.reach(read); }};
    reduce_totals totals;
    with_lost_segments(what, [&] {
        const sorted_partition sorted = sort_partition(std::move(sources), plan);
        totals.spills = sorted.spills;
        partition_walk all(*sorted.records, gauge, bytes, hooks);
        walk(all, totals);
        totals.keys = all.keys();
        gauge.reach(2 * bytes);
    });
    return totals;
}

}  // namespace sheaf::detail
