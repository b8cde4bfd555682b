// Map/reduce over files: declared like a task, bound like a task, run with one call.
#pragma once

#include <cstddef>
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
#include <sheaf/task.hpp>

namespace sheaf {

/// What a job does. Made by map_with(), and completed with combine_with() or reduce_with(), or both:
///
///     sheaf::map_with(split_words).combine_with(std::plus<>{})
///
/// - map: void(const text_split& in, emitter<K, V>& out). Reads some whole lines and emits keys and values. Called once for each piece
///   of the input, whose bounds are nobody's business.
/// - combine: V(V, V). Makes one value of two of the same key, and is associative. The values come in the order of the input,
///   but may be combined before all are known. Without reduce, keys are not sorted before the end: the fast way.
/// - reduce: void(key, auto& values, std::string& out). Sees all values of a key at once, as a range that can be walked once, and
///   appends to `out` what the output says of the key.
/// - format: void(std::string& out, key, const V& value). Appends what the output says of a key whose values have been
///   combined. By default key, tab, value, newline; not with reduce, which writes itself.
///
/// Keys of text are passed as std::string_view. The functions run on workers, each attempt on copies of its own. An attempt may run more
/// than once, so they should have no effect but their output.
template <class Map, class Combine = no_step, class Reduce = no_step, class Format = no_step>
struct steps {
    template <class F>
    [[nodiscard]] steps<Map, F, Reduce, Format> combine_with(F f) const {
        return {map, std::move(f), reduce, format};
    }
    template <class F>
    [[nodiscard]] steps<Map, Combine, F, Format> reduce_with(F f) const {
        return {map, combine, std::move(f), format};
    }
    template <class F>
    [[nodiscard]] steps<Map, Combine, Reduce, F> format_with(F f) const {
        return {map, combine, reduce, std::move(f)};
    }

    Map map;
    Combine combine{};
    Reduce reduce{};
    Format format{};
};

/// The steps of a job whose first is `f`.
template <class F>
[[nodiscard]] steps<F> map_with(F f) {
    return {std::move(f), {}, {}, {}};
}

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
    using errors = throws<unit_refused, segment_lost>;
    static constexpr task<join(Name, ".map"), map_output(map_assignment), errors> map{};
    static constexpr task<join(Name, ".reduce"), reduce_output(reduce_assignment), errors> reduce{};
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
/// Workers offer it as two Gearman functions, NAME.map and NAME.reduce. Equal keys meet in one partition; within its file, keys come in
/// the order of their bytes.
template <fixed_string Name, class K, class V>
struct map_reduce {
    using key_type = K;
    using value_type = V;

    /// Runs the job and waits for its end. Driver and workers must see input, output and SHEAF_TMPDIR (default: TMPDIR, or
    /// /tmp) under the same paths: on one machine, or on a shared file system. Throws run_failed, and cancelled when it was
    /// stopped; then nothing of the run is left.
    map_reduce_report run(cluster& on, map_reduce_options how) const {
        if (!how.stop.stop_possible()) how.stop = on.stop_token();
        return detail::run_map_reduce(calls, on.engine(), on.workers(), std::move(how));
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
        detail::check_steps<K, V, steps<S...>>();
        std::vector<detail::binding> both;
        both.push_back(detail::make_binding<map_task>([how](context& in, const detail::map_assignment& what) {
            return detail::with_facts(in, [&] { return detail::run_map_step<K, V>(how, in, what); });
        }));
        both.push_back(detail::make_binding<reduce_task>([how](context& in, const detail::reduce_assignment& what) {
            return detail::with_facts(in, [&] { return detail::run_reduce_step<K, V>(how, in, what); });
        }));
        return both;
    }

  private:
    using map_task = std::remove_cv_t<decltype(detail::unit_tasks<Name>::map)>;
    using reduce_task = std::remove_cv_t<decltype(detail::unit_tasks<Name>::reduce)>;

    static constexpr detail::unit_calls calls{
        .job = Name.view(),
        .map_function = map_task::name(),
        .map = [](const detail::map_assignment& what) { return detail::make_raw_call<map_task>({what}); },
        .read_map = &detail::read_result<map_task>,
        .reduce = [](const detail::reduce_assignment& what) { return detail::make_raw_call<reduce_task>({what}); },
        .read_reduce = &detail::read_result<reduce_task>,
        .read_lost = &detail::read_segment_lost<reduce_task>};
};

}  // namespace sheaf
