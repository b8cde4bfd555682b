// A job's reducers as the handler of its reduce task. Not for users.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

#include <sheaf/detail/careful_map.hpp>
#include <sheaf/detail/group_marks.hpp>
#include <sheaf/detail/map_step.hpp>
#include <sheaf/detail/output_file.hpp>
#include <sheaf/detail/pair_sink.hpp>
#include <sheaf/detail/reduce_attempt.hpp>
#include <sheaf/detail/side_cache.hpp>
#include <sheaf/detail/step_list.hpp>

namespace sheaf::detail {

/// Whether the output says something else of an accumulator than all that it holds: its value() or values(). Not when the job's format takes it
/// as it is.
template <class State>
concept has_value = requires(const State& state) { state.value(); };
template <class State>
concept has_values = requires(const State& state) { state.values(); };
template <class K, class State, class Format>
inline constexpr bool is_unwrapped =
    !std::is_invocable_v<Format&, std::string&, typename key_codec<K>::view, const State&>;

/// What the output says of a key whose values came to `state`.
template <class K, class Format, class State>
decltype(auto) outcome_of(const State& state) {
    if constexpr (is_unwrapped<K, State, Format> && has_value<State>) {
        return state.value();
    } else if constexpr (is_unwrapped<K, State, Format> && has_values<State>) {
        return state.values();
    } else {
        return (state);
    }
}
template <class K, class Format, class State>
using outcome_t = std::remove_cvref_t<decltype(outcome_of<K, Format>(std::declval<const State&>()))>;

/// Runs the job's functions group by group. In a careful attempt, a group for which they throw leaves nothing in the output.
class group_guard {
  public:
    group_guard(const reduce_assignment& what, output_file& file, const std::stop_token& stop)
        : what_(what), file_(file), stop_(stop) {
        if (!what.died_of.empty()) marks_.emplace(what);
    }

    template <class Key, class Call>
    void operator()(const Key& key, Call&& call) {
        if (marks_ && marks_->enter()) {
            add_deadly_group(what_, key_text(key), marks_->group(), bad_);
            return file_.written();
        }
        if (!what_.careful) {
            call();
            return file_.written();
        }
        try {
            held_text since(file_);
            call();
            since.keep();
        } catch (const unit_refused&) {
            throw;
        } catch (const bad_segment&) {
            throw;
        } catch (...) {
            if (stop_.stop_requested()) throw;  // by whoever reads the values, perhaps
            add_bad_group(what_, key_text(key), bad_);
        }
        file_.written();
    }
    [[nodiscard]] std::vector<bad_record>& bad() noexcept { return bad_; }

  private:
    const reduce_assignment& what_;
    output_file& file_;
    const std::stop_token& stop_;
    std::optional<group_marks> marks_;
    std::vector<bad_record> bad_;
};

/// How the output is written of a job whose last step writes text itself.
class text_writer {
  public:
    text_writer(output_file& file, const output_format& how) : file_(file) { check_text_format(how); }

    /// Calls `call` with what the step appends to.
    template <class Call>
    void write(Call&& call) {
        call(file_.text());
    }
    void end(reduce_output&) const noexcept {}

  private:
    output_file& file_;
};

/// ... of a job whose last step emits keys and values.
template <class K, class V, class Format>
class pair_writer {
  public:
    /// `apart`: nothing must be left of a call that throws, but what it has added to the file's text.
    pair_writer(output_file& file, const output_format& how, Format format, bool apart)
        : sink_(file, std::move(format), how), out_(sink_), apart_(apart) {}

    template <class Call>
    void write(Call&& call) {
        if (apart_) return write_apart(call);
        call(out_);
        sink_.take_batch();
    }
    void end(reduce_output& made) {
        made.counters = out_.finish();
        add_counters(made.counters, std::move(counted_));
    }

  private:
    // What is counted and what waits in the batch is the call's alone, until it has returned.
    template <class Call>
    void write_apart(Call& call) {
        emitter<K, V> out(sink_);
        try {
            call(out);
            add_counters(counted_, out.finish());
        } catch (...) {
            sink_.drop_batch();
            throw;
        }
    }

    pair_sink<K, V, Format> sink_;
    emitter<K, V> out_;
    bool apart_;
    counters counted_;  // by calls that were apart
};

/// The last step of a job that writes text, and what it writes with.
template <class Steps, class F, class Make>
auto with_last_step(const Steps&, const F& f, output_file& file, const reduce_assignment& what, Make&& make) {
    text_writer writer(file, what.format);
    F copy = f;
    return make(copy, writer);
}
template <class Steps, class K2, class V2, class F, class Make>
auto with_last_step(const Steps& steps, const std::pair<types_of<K2, V2>, F>& f, output_file& file,
                    const reduce_assignment& what, Make&& make) {
    auto format = step_or<formatter, default_format>(steps);
    pair_writer<K2, V2, decltype(format)> writer(file, what.format, std::move(format), what.careful);
    F copy = f.second;
    return make(copy, writer);
}

/// Reduces by folding alone: what the keys' values came to is the output.
template <class K, class V, class Steps>
reduce_totals write_folded(const Steps& steps, const reduce_assignment& what, output_file& file, group_guard& guard,
                           const attempt_hooks& hooks) {
    const auto how = shuffle_of(steps);
    using state = shuffled_t<V, decltype(how.gather)>;
    auto own = step_or<formatter, default_format>(steps);
    using format_type = decltype(own);
    pair_format<K, outcome_t<K, format_type, state>, format_type> format(std::move(own), what.format);
    file.begin_records(format.schema());
    return reduce_folded<K, V>(
        what, how.gather,
        [&](const auto& key, const state& all) {
            guard(key, [&] { format(file.text(), key, outcome_of<K, format_type>(all)); });
        },
        hooks);
}

/// Calls the reducer, given as `step`, for each key.
template <class K, class V, class Steps, class Step, class Side>
reduce_totals write_reduced(const Steps& steps, const Step& step, const reduce_assignment& what, output_file& file,
                            group_guard& guard, const Side& side, reduce_output& made, const attempt_hooks& hooks) {
    return with_last_step(steps, step, file, what, [&](auto& reduce, auto& writer) {
        const auto each = [&](const auto& key, auto& values) {
            guard(key, [&] { writer.write([&](auto& out) { call_with_side(reduce, side, key, values, out); }); });
        };
        const auto how = shuffle_of(steps);
        reduce_totals totals;
        if constexpr (std::is_same_v<std::remove_const_t<decltype(how.gather)>, keep_all>) {
            totals = reduce_grouped<K, V>(what, how.order, each, hooks, [&file] { file.pause(); });
        } else {
            using state = shuffled_t<V, decltype(how.gather)>;
            const auto each_folded = [&](const auto& key, const state& all) {
                std::span<const state> values(&all, 1);
                each(key, values);
            };
            totals = reduce_folded<K, V>(what, how.gather, each_folded, hooks);
        }
        writer.end(made);
        return totals;
    });
}

template <class K, class V, class Steps, class Step, class Side>
reduce_totals write_joined(const Steps& steps, const Step& step, const reduce_assignment& what, output_file& file,
                           group_guard& guard, const Side& side, reduce_output& made, const attempt_hooks& hooks) {
    return with_last_step(steps, step, file, what, [&](auto& join, auto& writer) {
        const auto each = [&](const auto& key, const auto& left, auto& right) {
            guard(key, [&] { writer.write([&](auto& out) { call_with_side(join, side, key, left, right, out); }); });
        };
        const reduce_totals totals = reduce_joined<K, typename V::left_type, typename V::right_type>(
            what, each, hooks, [&file] { file.pause(); });
        writer.end(made);
        return totals;
    });
}

template <class K, class V, class Steps>
reduce_output run_reduce_step(const Steps& steps, const reduce_assignment& what, const attempt_hooks& hooks) {
    const auto side = side_of<Steps>(what);
    output_file file(what.output_directory, reduce_output_name(what), what.format, claim_place(what, hooks));
    group_guard guard(what, file, hooks.stop);
    reduce_output made;
    reduce_totals totals;
    if constexpr (has_step<reducer, Steps>) {
        totals = write_reduced<K, V>(steps, step_function<reducer>(steps), what, file, guard, *side, made, hooks);
    } else if constexpr (has_step<pair_reducer, Steps>) {
        totals = write_reduced<K, V>(steps, step_function<pair_reducer>(steps), what, file, guard, *side, made, hooks);
    } else if constexpr (has_step<joiner, Steps>) {
        totals = write_joined<K, V>(steps, step_function<joiner>(steps), what, file, guard, *side, made, hooks);
    } else if constexpr (has_step<pair_joiner, Steps>) {
        totals = write_joined<K, V>(steps, step_function<pair_joiner>(steps), what, file, guard, *side, made, hooks);
    } else {
        totals = write_folded<K, V>(steps, what, file, guard, hooks);
    }
    made.file = file.commit();
    if (const auto range = file.range()) made.ranges.push_back(*range);
    made.output_bytes = file.bytes();
    made.checksum = file.checksum();
    made.records_in = totals.records;
    made.records_out = totals.keys - guard.bad().size();
    made.spills = totals.spills;
    made.bad = std::move(guard.bad());
    return made;
}

}  // namespace sheaf::detail
