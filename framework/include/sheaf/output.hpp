// What a map/reduce run leaves, and where: the values of map_reduce_options::output.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/detail/output_format.hpp>
#include <sheaf/detail/type_schema.hpp>
#include <sheaf/detail/typed_record.hpp>

namespace sheaf {

namespace detail {

enum class output_place : std::uint8_t {
    nowhere,    ///< none was named
    directory,  ///< one file for each partition
    file,       ///< all partitions, one after the other
    kept,       ///< files that the next round reads
    driver,     ///< what the run gives is handed to `take`
};

/// Throws run_failed: of a container that keeps one value for a key.
[[noreturn]] void throw_key_twice();

struct output_spec {
    output_place place = output_place::nowhere;
    std::string path;      ///< of directory and file
    output_format format;  ///< what workers write
    /// Of driver: gets each record, encoded, in the order of the partitions. Throws when it does not want it.
    std::function<void(std::string_view record)> take;
};

}  // namespace detail

/// What a run leaves, and where. A value; made by text_parts() and its like, or of the name of a directory, which means
/// text_parts().
///
/// Whatever it is, it appears when the run has succeeded, complete and by one atomic step; a run that fails or is stopped leaves
/// nothing. Only with map_reduce_options::overwrite is anything replaced. Files have their keys in the order of the keys' bytes
/// within each partition; the output of a map-only job has one part for each split of its input, and keeps its order.
class output {
  public:
    /// Nothing: a run needs one.
    output() = default;
    output(std::string directory)  // NOLINT(google-explicit-constructor): .output = "counts"
        : output({.place = detail::output_place::directory, .path = std::move(directory), .format = {}, .take = {}}) {}
    template <class Path>
        requires(std::convertible_to<const Path&, std::string> && !std::same_as<Path, std::string>)
    output(const Path& directory)  // NOLINT(google-explicit-constructor): "counts", and std::filesystem::path
        : output(static_cast<std::string>(directory)) {}
    explicit output(detail::output_spec spec) : spec_(std::make_shared<const detail::output_spec>(std::move(spec))) {}

    /// For Sheaf. Null when there is none.
    [[nodiscard]] const detail::output_spec* spec() const noexcept { return spec_.get(); }

  private:
    std::shared_ptr<const detail::output_spec> spec_;
};

/// A directory with one file of text for each partition, part-00000 and on: what reduce_with() or format_with() writes, else key,
/// tab, value, newline. The directory must not exist, its parent must; workers with the run's directory see it, too.
[[nodiscard]] output text_parts(std::string directory);

/// What is known of a single file before it is made. Aggregate.
struct single_file_options {
    /// So many bytes of the output come of each record that the reducers get: records of one size that are only put in order. Workers
    /// then write straight to their places in the file, and nothing has to be joined in the end. Where it turns out not to be so the
    /// file is right all the same, only later. 0: not known.
    std::uint64_t record_bytes = 0;
};

/// The same in one file, partition after partition. Of a job that is partitioned by_range all of it is sorted; otherwise each
/// partition is.
///     .output = sheaf::single_file("sorted", {.record_bytes = 100})
[[nodiscard]] output single_file(std::string path, single_file_options how = {});

/// How CSV is written: as csv_files() reads it. Aggregate.
struct csv_output_options {
    char delimiter = ',';
    /// Around fields with a delimiter, quote or newline in them; quotes within are doubled. 0: such fields fail the run.
    char quote = '"';
    /// The columns' names, for a first line of each file. Empty: no such line.
    std::vector<std::string> columns{};
};

/// Delimited records: the fields of the key, then those of the value. Text and numbers are a field; pairs, tuples, arrays and
/// optionals have those of their elements (none is an empty field), classes those of what they serialize. For jobs that give
/// keys and values: not those that end with reduce_with(), which write text.
[[nodiscard]] output csv_parts(std::string directory, csv_output_options how = {});
/// The same in one file, with one line of names.
[[nodiscard]] output single_csv_file(std::string path, csv_output_options how = {});

/// Keys and values as they are, for typed_files<std::pair<K, V>>().
[[nodiscard]] output typed_parts(std::string directory);
[[nodiscard]] output single_typed_file(std::string path);

/// Keys and values stay where the workers can read them, for a next run: map_reduce_report::dataset is its input, and they are
/// removed with the last copy of it. For the rounds of an algorithm:
///
///     auto ranks = seed.run(cluster, {.input = links, .output = sheaf::kept()}).dataset;
///     for (int round = 0; round < 20; ++round)
///         ranks = step.run(cluster, {.input = ranks, .output = sheaf::kept()}).dataset;
[[nodiscard]] output kept();

/// Calls take(key, value) in the driver for each key and value of the result, in the order of the partitions and of the keys in
/// each, once, when the run has succeeded. What it throws fails the run; what it has been given then is its own affair.
///     .output = sheaf::to_sink<std::string, double>([&](const std::string& city, double mean) { table.insert(city, mean); })
template <class K, class V, class Take>
    requires std::invocable<Take&, K, V>
[[nodiscard]] output to_sink(Take take) {
    detail::output_spec spec;
    spec.place = detail::output_place::driver;
    spec.format.encoding = detail::output_encoding::typed;
    spec.format.schema = detail::type_schema<std::pair<K, V>>();
    spec.take = [take = std::make_shared<Take>(std::move(take))](std::string_view record) {
        auto [key, value] = detail::read_typed_record<std::pair<K, V>>(record);
        (*take)(std::move(key), std::move(value));
    };
    return output(std::move(spec));
}

/// Appends the result to `container`, of std::pair<K, V>, or a map from K to V. It must outlive the run, and is not touched
/// before everything is done and all of the result has been read once to see that it can be. For results that fit the driver's memory.
///     std::map<std::string, double> means;
///     mean_by_city.run(cluster, {.input = files, .output = sheaf::into(means)});
/// A map that has a key of the result already, and a job that gives one twice, fail the run: a std::multimap or a std::vector takes them.
template <class Container>
[[nodiscard]] output into(Container& container) {
    using element = typename Container::value_type;
    static_assert(
        requires(element one) {
            one.first;
            one.second;
        }, "sheaf::into: the result is keys and values: give a container of std::pair<key, value>, or a map.");
    using key = std::remove_const_t<typename element::first_type>;
    return to_sink<key, typename element::second_type>([&container](key&& its, typename element::second_type&& value) {
        const std::size_t before = container.size();
        container.insert(container.end(), element(std::move(its), std::move(value)));
        if (container.size() == before) detail::throw_key_twice();
    });
}

}  // namespace sheaf
