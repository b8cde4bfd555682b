// What a map/reduce job does, step by step: made by map_with() or map_each(), and given to app::bind with the job.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <sheaf/detail/mappers.hpp>
#include <sheaf/detail/step_list.hpp>
#include <sheaf/partition.hpp>

namespace sheaf {

/// The steps of a job. Each member function gives them with one more; in whatever order they are written, they are done in this one:
///
///     map -> combine or accumulate -> partition -> sort -> reduce or join -> format
///
/// A job has mappers, one of combine_with(), accumulate_with(), reduce_with(), reduce_to(), join_with(), join_to() and map_only()
/// (a combiner may be followed by a reducer), and what else it needs. Keys and values of text are passed as std::string_view. The
/// functions run on workers, each attempt on copies of its own; an attempt may run more than once, so they should have no effect
/// but their output. What does not fit stops the compiler at app::bind, with a sentence.
template <class... Step>
struct steps : Step... {
    /// map_each() is only called for records for which `f` says so: bool(record), where record is what map_each() gets. For the
    /// input whose mapper was given last.
    template <class F>
    [[nodiscard]] auto filter_with(F f) const {
        static_assert(
            detail::step_t<detail::mapper_of<inputs - 1>, steps>::by_record,
            "sheaf::map_reduce: filter_with() chooses records for map_each(); a function for map_with() sees its "
            "split as a whole, and chooses by itself.");
        return with<detail::filter_of<inputs - 1>>(std::move(f));
    }

    /// The mapper of one more input: see map_reduce_options::inputs. Of a join its values may be of another type than the first one's.
    template <class F>
    [[nodiscard]] auto and_map_with(F f) const {
        return and_map_with<detail::split_of_mapper<F>>(std::move(f));
    }
    template <class Split, class F>
    [[nodiscard]] auto and_map_with(F f) const {
        return with<detail::mapper_of<inputs>>(detail::split_mapper<Split, F>{std::move(f)});
    }
    template <class F>
    [[nodiscard]] auto and_map_each(F f) const {
        using split = typename detail::split_of_records<detail::first_parameter_t<F>>::type;
        return and_map_each<split>(std::move(f));
    }
    template <class Split, class F>
    [[nodiscard]] auto and_map_each(F f) const {
        return with<detail::mapper_of<inputs>>(detail::record_mapper<Split, F>{std::move(f)});
    }

    /// V(V, V), associative: makes one value of two of the same key. The values come in the order of the input, but may be
    /// combined before all are known. Nothing is sorted before the end: the fast way.
    template <class F>
    [[nodiscard]] auto combine_with(F f) const {
        return with<detail::combiner>(std::move(f));
    }

    /// Gathers the values of a key in an Accumulator, as fast as combine_with() does. It is default constructible and can be sent,
    /// and has
    /// - void add(const V&), and void merge(Accumulator&&), in any order of what is added and merged;
    /// - value() or values(), what the output says of the key; without those, and with a format_with() that takes an accumulator, all
    ///   that it holds.
    /// accumulators.hpp has mean, top, distinct and others.
    template <class Accumulator>
    [[nodiscard]] auto accumulate_with() const {
        return with<detail::accumulator>(detail::types_of<Accumulator>{});
    }

    /// by_hash (the default), by_range, or f(key, partitions): see partition.hpp.
    template <class How>
    [[nodiscard]] auto partition_with(How how) const {
        return with<detail::partitioning>(std::move(how));
    }

    /// The values of a key come to the reducer in the order of project(value), which is anything that can be a key.
    template <class F>
    [[nodiscard]] auto order_values_by(F project) const {
        return with<detail::value_order>(std::move(project));
    }

    /// void(key, auto& values, std::string& out): sees all values of a key at once, as a range that can be walked once, and appends to
    /// `out` what the output says of the key. Of a key with very many values, what has been appended may leave `out` for the disk
    /// between two of them, when it is megabytes. Of values that were combined or accumulated there is one.
    template <class F>
    [[nodiscard]] auto reduce_with(F f) const {
        return with<detail::reducer>(std::move(f));
    }

    /// void(key, auto& values, emitter<K2, V2>& out): as reduce_with(), but gives keys and values, of types of its own; in what
    /// form they are written is up to the run's output.
    template <class K2, class V2, class F>
    [[nodiscard]] auto reduce_to(F f) const {
        return with<detail::pair_reducer>(std::pair<detail::types_of<K2, V2>, F>{{}, std::move(f)});
    }

    /// void(key, const auto& left, auto& right, std::string& out), of a job over two inputs, whose value is join_of<L, R>: sees
    /// what both have for a key. `left` are the values of the first input, a range that can be walked again and again, with
    /// size() and empty(); `right` those of the second, for one walk. Called for each key that either has. Let the smaller input be
    /// the first: above the memory budget its values are read from disk for each walk. inner_join() and its like make such functions.
    template <class F>
    [[nodiscard]] auto join_with(F f) const {
        return with<detail::joiner>(std::move(f));
    }

    /// void(key, const auto& left, auto& right, emitter<K2, V2>& out): as join_with(), but gives keys and values.
    template <class K2, class V2, class F>
    [[nodiscard]] auto join_to(F f) const {
        return with<detail::pair_joiner>(std::pair<detail::types_of<K2, V2>, F>{{}, std::move(f)});
    }

    /// There is nothing to reduce: what the mapper gives is the output, a part for each split, in the order of the input. The mapper
    /// may then append text to a std::string& in place of an emitter.
    [[nodiscard]] auto map_only() const { return with<detail::no_reducer>(detail::types_of<>{}); }

    /// void(std::string& out, key, const value&): appends what an output of text says of a key and its value. By default key, tab,
    /// value, newline.
    template <class F>
    [[nodiscard]] auto format_with(F f) const {
        return with<detail::formatter>(std::move(f));
    }

    /// Mappers, filters, reducers and joiners are called with one more argument, const T&: what the run was given as
    /// map_reduce_options::side. A function that does not take it is called without.
    template <class T>
    [[nodiscard]] auto with_side_data() const {
        return with<detail::side_value>(detail::types_of<T>{});
    }

    /// Reduces in two tiers: what the splits gave is first merged in groups of neighbours, by several workers at once, and what those
    /// give is reduced. For jobs that combine or accumulate, with few keys, or one that most records have, and accumulators that
    /// are large: without it, one worker merges what all splits gave for a key.
    [[nodiscard]] auto in_two_tiers() const { return with<detail::first_tier>(detail::types_of<>{}); }

  private:
    static constexpr std::size_t inputs = detail::inputs_of<steps>;

    template <class Tag, class F>
    [[nodiscard]] auto with(F f) const {
        static_assert(!detail::has_step<Tag, steps>, "sheaf::map_reduce: the job has this step already.");
        return steps<Step..., detail::step<Tag, F>>{static_cast<const Step&>(*this)..., {std::move(f)}};
    }
};

/// The steps of a job whose mapper is `f`: void(const Split& in, emitter<K, V>& out). It is called for stretches of the input,
/// whose borders are nobody's business, and emits keys and values. What Split is, text_split or csv_split or another of
/// inputs.hpp, must fit the run's input; it is taken from f's signature, and else said: map_with<csv_split>([](auto& in, auto& out) ...).
/// Without either it is text_split.
///
///     sheaf::map_with(split_words).combine_with(std::plus<>{})
template <class Split, class F>
[[nodiscard]] auto map_with(F f) {
    using mapper = detail::split_mapper<Split, F>;
    return steps<detail::step<detail::mapper_of<0>, mapper>>{{{std::move(f)}}};
}
template <class F>
[[nodiscard]] auto map_with(F f) {
    return map_with<detail::split_of_mapper<F>>(std::move(f));
}

/// The steps of a job whose mapper looks at one record at a time. `f` takes the record, of the type that the input's splits
/// have, and maybe an emitter<K, V>& behind it; without one it returns what it has to say of the record: a std::pair of key and value, an
/// optional of that, or a container of any number.
///
///     sheaf::map_each([](std::string_view line) { return std::pair(city_of(line), degrees_of(line)); })
///     sheaf::map_each([](const sheaf::csv_row& row) { return std::pair(row["city"], to_number(row["degrees"])); })
template <class Split, class F>
[[nodiscard]] auto map_each(F f) {
    using mapper = detail::record_mapper<Split, F>;
    return steps<detail::step<detail::mapper_of<0>, mapper>>{{{std::move(f)}}};
}
template <class F>
[[nodiscard]] auto map_each(F f) {
    return map_each<typename detail::split_of_records<detail::first_parameter_t<F>>::type>(std::move(f));
}

/// The value type of a job that joins: its first input's mapper emits L, its second's R.
///     inline constexpr sheaf::map_reduce<"orders", std::uint64_t, sheaf::join_of<customer, order>> orders_of_customers{};
template <class L, class R>
struct join_of {
    using left_type = L;
    using right_type = R;
};

/// For join_with(): calls f(key, left, right, out) for each pair of values of a key that both inputs have.
template <class F>
[[nodiscard]] auto inner_join(F f) {
    return [f = std::move(f)](const auto& key, const auto& left, auto& right, auto& out) mutable {
        if (left.empty()) return;
        for (const auto& one : right) {
            for (const auto& other : left) f(key, other, one, out);
        }
    };
}

}  // namespace sheaf
