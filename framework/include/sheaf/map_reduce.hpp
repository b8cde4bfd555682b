// Map/reduce over files: declared like a task, bound like a task, run with one call.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/cluster.hpp>
#include <sheaf/detail/binding.hpp>
#include <sheaf/detail/map_reduce_driver.hpp>
#include <sheaf/detail/map_reduce_steps.hpp>
#include <sheaf/detail/read_output.hpp>
#include <sheaf/map_reduce_options.hpp>
#include <sheaf/map_reduce_report.hpp>
#include <sheaf/map_reduce_run.hpp>
#include <sheaf/steps.hpp>
#include <sheaf/task.hpp>

namespace sheaf {

namespace detail {

template <std::size_t N, std::size_t M>
constexpr fixed_string<N + M - 1> join(const fixed_string<N>& name, const char (&suffix)[M]) {
    char text[N + M - 1]{};
    for (std::size_t i = 0; i + 1 < N; ++i) text[i] = name.value[i];
    for (std::size_t i = 0; i < M; ++i) text[N - 1 + i] = suffix[i];
    return fixed_string<N + M - 1>(text);
}

/// The lost segment that `why` is about, if it is.
template <class Task>
std::optional<segment_lost> read_segment_lost(const failure& why) {
    try {
        throw_as_declared(why, typename Task::errors{});
    } catch (const segment_lost& lost) {
        return lost;
    } catch (...) {
        return std::nullopt;
    }
}

template <fixed_string Name>
struct unit_tasks {
    // host_refused_index and handed_back_index are their places
    using errors = throws<unit_refused, segment_lost, host_refused, handed_back>;
    static constexpr task<join(Name, ".map"), map_output(map_assignment), errors> map{};
    static constexpr task<join(Name, ".reduce"), reduce_output(reduce_assignment), errors> reduce{};
    static constexpr task<join(Name, ".sample"), sample_output(sample_assignment), errors> sample{};
    static constexpr task<join(Name, ".describe"), job_shape()> describe{};
};

}  // namespace detail

/// A job over text files, with keys of type K and values of type V. Stateless: declare it inline constexpr.
///
///     inline constexpr sheaf::map_reduce<"wordcount", std::string, std::uint64_t> count_words{};
///
///     void split_words(const sheaf::text_split& in, sheaf::emitter<std::string, std::uint64_t>& out) {
///         sheaf::for_each_word(in.text(), [&](std::string_view word) { out.emit(word, 1); });
///     }
///     ...
///     app.bind(count_words, sheaf::map_with(split_words).combine_with(std::plus<>{}));
///     ...
///     auto report = count_words.run(cluster, {.input = sheaf::text_files(paths), .output = "counts"});
///
/// Workers offer it as Gearman functions: NAME.map and NAME.reduce, NAME.sample for jobs that are partitioned by ranges of keys, and
/// NAME.describe, by which drivers learn what the job's steps need. Equal keys meet in one partition; within its file, keys come in
/// the order of their bytes.
template <fixed_string Name, class K, class V>
struct map_reduce {
    using key_type = K;
    using value_type = V;

    /// Runs the job and waits for its end. Workers that see SHEAF_TMPDIR (default: TMPDIR, or /tmp) as the driver does must see
    /// the output under the same path, too; others need nothing but the job server, and a network between the hosts. Throws
    /// run_failed, and cancelled when it was stopped; then nothing of the run is left.
    map_reduce_report run(cluster& on, map_reduce_options how) const { return start(on, std::move(how)).wait(); }

    /// Starts the job, and returns at once: the run goes on by itself, and must end before `on` does. Whatever is wrong with
    /// the options is said by wait().
    ///     auto run = count_words.start(cluster, {.input = sheaf::text_files(paths), .output = "counts"});
    ///     ...
    ///     const auto report = run.wait();
    [[nodiscard]] map_reduce_run start(cluster& on, map_reduce_options how) const {
        if (!how.stop.stop_possible()) how.stop = on.stop_token();
        return detail::start_map_reduce(calls, on.engine(), on.workers(), std::move(how));
    }

    /// Calls `f` with each key and value of the output that `report` speaks of, one after the other, sorted by key within
    /// each file of it. Text comes as std::string_view, which f must copy if it keeps it. Of output in the default format,
    /// with no newline in a key or value, and no tab in a key unless the value is a number. Throws run_failed.
    ///     count_words.for_each_result(report, [](std::string_view word, std::uint64_t count) { ... });
    template <class F>
    void for_each_result(const map_reduce_report& report, F f) const {
        detail::for_each_result<K, V>(report, f);
    }

    /// For app::bind.
    template <class... S>
    [[nodiscard]] std::vector<detail::binding> make_bindings(steps<S...> how) const {
        using handlers = detail::job_handlers<K, V, steps<S...>>;
        static_assert(detail::check_steps<K, V, steps<S...>>());
        const auto shared = std::make_shared<const handlers>(std::move(how));
        std::vector<detail::binding> all;
        all.push_back(detail::make_binding<map_task>(
            [shared](context& in, const detail::map_assignment& what) { return shared->map(in, what); }));
        all.push_back(detail::make_binding<reduce_task>(
            [shared](context& in, const detail::reduce_assignment& what) { return shared->reduce(in, what); }));
        if constexpr (detail::is_by_range<steps<S...>>) {
            all.push_back(detail::make_binding<sample_task>(
                [shared](context& in, const detail::sample_assignment& what) { return shared->sample(in, what); }));
        }
        all.push_back(detail::make_binding<describe_task>([shared] { return shared->describe(); }));
        return all;
    }

  private:
    using tasks = detail::unit_tasks<Name>;
    using map_task = std::remove_cv_t<decltype(tasks::map)>;
    using reduce_task = std::remove_cv_t<decltype(tasks::reduce)>;
    using sample_task = std::remove_cv_t<decltype(tasks::sample)>;
    using describe_task = std::remove_cv_t<decltype(tasks::describe)>;

    static constexpr detail::unit_calls calls{
        .job = Name.view(),
        .map_function = map_task::name(),
        .map = [](const detail::map_assignment& what) { return detail::make_raw_call<map_task>({what}); },
        .read_map = &detail::read_result<map_task>,
        .reduce = [](const detail::reduce_assignment& what) { return detail::make_raw_call<reduce_task>({what}); },
        .read_reduce = &detail::read_result<reduce_task>,
        .read_lost = &detail::read_segment_lost<reduce_task>,
        .sample = [](const detail::sample_assignment& what) { return detail::make_raw_call<sample_task>({what}); },
        .read_sample = &detail::read_result<sample_task>,
        .describe = [] { return detail::make_raw_call<describe_task>({}); },
        .read_shape = &detail::read_result<describe_task>};
};

}  // namespace sheaf
