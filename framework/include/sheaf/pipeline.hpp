// Pipelines: stages one after the other, each a task, through which items flow with bounded memory.
//
//     auto plan = sheaf::pipeline("scan")
//               | sheaf::stage(fetch, {.call = {.retry = sheaf::retry{5}.backoff(200ms)}, .window = 32})
//               | sheaf::fork(sheaf::stage(cut) | sheaf::each(ocr, {.window = 32}),
//                             sheaf::stage(faces))
//               | sheaf::join(assemble);                      // a sheaf::plan<doc(url)>
//
//     doc one = cluster.run(plan, url{"https://..."});
//     for (auto& [index, document] : cluster.start(plan, urls, {.in_order = true})) ...
//
// The types must fit at each joint: what a step gives is what the next one takes. The compiler says so, with both steps
// and both types, where they do not.
//
// How many items are on their way is bounded in all (pipeline_options::items and bytes) and at each stage (its window). An item
// is taken from the input only when there is room, and calls of stages nearer to the end go first; so an input of any
// length goes through in constant memory.
//
// A fork's branches, and the calls of an each(), always meet again. Of an each() over nothing, what follows gets an empty
// vector; over one element, a vector of one. An element that failed and is skipped is not in the vector. When a branch of a
// fork fails, its stage's on_failure decides: `fail` ends the run, `skip` drops the item and cancels what its other branches
// have out, `collect` gives the join a result<T>. A call that killed its worker has failed like any other.
#pragma once

#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/cluster.hpp>
#include <sheaf/detached_run.hpp>
#include <sheaf/detail/detached_plan.hpp>
#include <sheaf/detail/plan_steps.hpp>
#include <sheaf/pipeline_options.hpp>
#include <sheaf/pipeline_run.hpp>

namespace sheaf {

/// A step that calls `task` with each item. The item is the task's argument or, when it takes several, a tuple of them.
/// stage(...).by_key(f): items of equal f(item) one after the other, in the order of the input.
template <task_type Task>
[[nodiscard]] detail::stage_step<Task, false, false> stage(const Task& /*task*/, stage_options how = {}) {
    return {detail::make_stage_setup<Task>(std::move(how))};
}
/// With .on_failure = sheaf::on_failure::collect: gives result<T> instead of T.
template <task_type Task>
[[nodiscard]] detail::stage_step<Task, true, false> stage(const Task& /*task*/, collecting_stage_options how) {
    return {detail::make_stage_setup<Task>(std::move(how))};
}

/// A step that takes a vector and does `step` with each of its elements; gives a vector of the results, in the same order.
template <detail::plan_step Step>
[[nodiscard]] detail::each_step<Step> each(Step step) {
    return {std::move(step)};
}
/// each(stage(task, how)).
template <task_type Task>
[[nodiscard]] auto each(const Task& task, stage_options how = {}) {
    return each(stage(task, std::move(how)));
}
/// Gives a vector of result<T>, in which no element is missing.
template <task_type Task>
[[nodiscard]] auto each(const Task& task, collecting_stage_options how) {
    return each(stage(task, std::move(how)));
}

/// A step that does all of `branches` with each item, at the same time; gives a tuple of their results. See join().
template <detail::plan_step... Branches>
[[nodiscard]] detail::fork_step<Branches...> fork(Branches... branches) {
    static_assert(sizeof...(Branches) != 0, "sheaf::fork: there is no branch.");
    return {{std::move(branches)...}};
}

/// The step after a fork: calls `task` with what the branches gave, each an argument.
template <task_type Task>
[[nodiscard]] auto join(const Task& task, stage_options how = {}) {
    using step = decltype(stage(task, std::move(how)));
    return detail::join_step<step>{stage(task, std::move(how))};
}
template <task_type Task>
[[nodiscard]] auto join(const Task& task, collecting_stage_options how) {
    using step = decltype(stage(task, std::move(how)));
    return detail::join_step<step>{stage(task, std::move(how))};
}

/// A step that calls a cheap function of this program, on the run's own thread, with each item. All runs of the plan share it.
/// The value that it returns must be one that can be sent.
template <class F>
    requires(!task_type<F>)
[[nodiscard]] detail::transform_step<F, false> transform(F function, local_options how = {}) {
    if (how.name.empty()) how.name = "transform";
    return {std::move(function), std::move(how.name), detail::handling_of(how.on_failure)};
}
template <class F>
    requires(!task_type<F>)
[[nodiscard]] detail::transform_step<F, true> transform(F function, collecting_local_options how) {
    if (how.name.empty()) how.name = "transform";
    return {std::move(function), std::move(how.name), detail::failure_handling::collect};
}
/// join() with a function of this program: transform() of the branches' results, each an argument.
template <class F>
    requires(!task_type<F>)
[[nodiscard]] auto join(F function, local_options how = {}) {
    if (how.name.empty()) how.name = "join";
    return detail::join_step<detail::transform_step<F, false>>{transform(std::move(function), std::move(how))};
}

/// A step that lets only those items pass of which `keeps`, a function of this program, says true.
template <class F>
    requires(!task_type<F>)
[[nodiscard]] detail::filter_step<F> filter(F keeps, local_options how = {}) {
    if (how.name.empty()) how.name = "filter";
    return {std::move(keeps), std::move(how.name), detail::handling_of(how.on_failure)};
}
/// The same with a task whose result is a bool.
template <task_type Task>
[[nodiscard]] detail::task_filter_step<Task> filter(const Task& /*task*/, stage_options how = {}) {
    return {detail::make_stage_setup<Task>(std::move(how))};
}

/// A step that makes vectors of `size` items each. The last may be smaller; so may others: one that is not full after `linger`
/// goes on as it is, and one for which no more items can come while nothing else goes on.
[[nodiscard]] inline detail::batch_step batch(std::size_t size, std::chrono::milliseconds linger = forever) {
    return {size == 0 ? 1 : size, linger};
}
/// A step that takes vectors and gives their elements, one by one. An empty one is gone.
inline constexpr detail::flatten_step flatten{};
/// A step that items leave in the order in which the plan's input had them, the slow ones holding up the rest:
///     sheaf::stage(fetch) | sheaf::ordered | sheaf::stage(store)
inline constexpr detail::ordered_step ordered{};

/// A step that takes a variant, and does with each item the branch of its alternative. Gives what the branches give or, when
/// that differs, a variant of it.
template <detail::plan_step... Branches>
[[nodiscard]] detail::branch_step<Branches...> branch(Branches... branches) {
    return {{std::move(branches)...}};
}

namespace detail {

template <plan_step First, plan_step Second>
[[nodiscard]] step_pair<First, Second> operator|(First first, Second second) {
    return {std::move(first), std::move(second)};
}

/// A plan's input from a range, encoded as it is read.
template <class In, class Range>
class range_source final : public item_source {
  public:
    explicit range_source(Range&& range)
        : range_(std::forward<Range>(range)), at_(std::begin(range_)), end_(std::end(range_)) {}

    std::optional<shared_bytes> next() override {
        if (at_ == end_) return std::nullopt;
        shared_bytes item = encoded(*at_);
        ++at_;
        return item;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override {
        if constexpr (requires { std::size(range_); }) {
            return std::size(range_);
        } else {
            return std::nullopt;
        }
    }

  private:
    template <class Element>
    static shared_bytes encoded(Element&& element) {
        if constexpr (std::is_same_v<std::remove_cvref_t<Element>, In>) {
            return shared_bytes(encode(element));
        } else {
            return shared_bytes(encode(static_cast<In>(std::forward<Element>(element))));
        }
    }

    using range_type = std::remove_reference_t<Range>;

    Range range_;  // a reference when it was an lvalue
    decltype(std::begin(std::declval<range_type&>())) at_;
    decltype(std::end(std::declval<range_type&>())) end_;
};

/// An input of one item.
[[nodiscard]] std::unique_ptr<item_source> single_item(shared_bytes item);
/// The only outcome of a run over one item. Throws call_error when there is none, or more.
[[nodiscard]] shared_bytes only_outcome(pipeline_driver& of, const plan_graph& plan);
[[nodiscard]] std::shared_ptr<const plan_graph> extended(const std::shared_ptr<const plan_graph>& plan,
                                                         plan_graph more);

}  // namespace detail

/// What is done with items, step by step: takes an In, gives an Out. It is data: cheap to copy, and may be run any number of
/// times, at the same time too.
template <class Signature>
class plan;

template <class Out, class In>
class plan<Out(In)> {
  public:
    using input_type = In;
    using output_type = Out;
    using options = pipeline_options;
    using detach_options = sheaf::detach_options;

    /// Not for users: see pipeline().
    explicit plan(std::shared_ptr<const detail::plan_graph> graph) : graph_(std::move(graph)) {}

    [[nodiscard]] const std::string& name() const noexcept { return graph_->name; }
    /// The plan as Graphviz text, for `dot -Tsvg`.
    [[nodiscard]] std::string dot() const { return detail::draw(*graph_); }

    /// Starts a run over all items of `range`, which is read by the run's thread and, when it is an lvalue, must outlive the
    /// run. Usually called as cluster.start(plan, range).
    template <class Range>
    [[nodiscard]] pipeline_run<Out> start(cluster& on, Range&& range, options how = {}) const {
        return start_through(through(on, std::move(how)), std::forward<Range>(range));
    }
    /// One item. Throws as pipeline_run::next() does, and call_error when a step dropped the item. Usually called as
    /// cluster.run(plan, item).
    Out run(cluster& on, In item, options how = {}) const {
        return run_through(through(on, std::move(how)), std::move(item));
    }

    /// Not for users: with any sender.
    template <class Range>
    [[nodiscard]] pipeline_run<Out> start_through(detail::pipeline_setup setup, Range&& range) const {
        static_assert(std::is_convertible_v<decltype(*std::begin(range)), In>,
                      "sheaf::cluster::start: the range's elements do not convert to what the plan takes. Convert "
                      "them, with std::views::transform for example, or change the plan's first step.");
        return pipeline_run<Out>(std::make_unique<detail::pipeline_driver>(
            graph_, std::make_unique<detail::range_source<In, Range>>(std::forward<Range>(range)), std::move(setup)));
    }
    Out run_through(detail::pipeline_setup setup, In item) const {
        detail::pipeline_driver driver(graph_, detail::single_item(shared_bytes(encode(item))), std::move(setup));
        const shared_bytes only = detail::only_outcome(driver, *graph_);
        if constexpr (!std::is_void_v<Out>) return detail::decode_edge<Out>(only.view());
    }

    /// Has the server carry on a run over `item` by itself. Usually called as cluster.detach(plan, item).
    [[nodiscard]] detached_run<Out> detach(cluster& on, const In& item, const detach_options& how = {}) const {
        detail::run_remote remote = remote_on(on, how.id.empty() ? detail::new_run_id(*graph_) : how.id);
        remote.begin(encode(item), how);
        return detached_run<Out>(std::move(remote));
    }
    /// A run that was detached before. Usually called as cluster.attach(plan, id).
    [[nodiscard]] detached_run<Out> attach(cluster& on, std::string id) const {
        return detached_run<Out>(remote_on(on, std::move(id)));
    }
    /// For app::bind: what workers need so that the plan can be detached.
    [[nodiscard]] std::vector<detail::binding> make_bindings() const { return detail::plan_bindings(graph_); }

    [[nodiscard]] const std::shared_ptr<const detail::plan_graph>& graph() const noexcept { return graph_; }

  private:
    [[nodiscard]] detail::run_remote remote_on(cluster& on, std::string id) const {
        return {on.shared_engine(), std::make_shared<cluster>(on), graph_, std::move(id)};
    }
    static detail::pipeline_setup through(cluster& on, options how) {
        auto kept = std::make_shared<cluster>(on);
        if (!how.stop.stop_possible()) how.stop = kept->stop_token();
        const std::size_t workers = kept->workers();
        return {std::shared_ptr<detail::call_sender>(kept, &kept->engine()), kept, workers, std::move(how)};
    }

    std::shared_ptr<const detail::plan_graph> graph_;
};

namespace detail {

/// A plan that may be continued. Last: its last step, for messages.
template <class In, class Out, class Last>
class open_plan : public plan<Out(In)> {
  public:
    using plan<Out(In)>::plan;

    template <plan_step Step>
    [[nodiscard]] friend auto operator|(const open_plan& before, const Step& step) {
        auto more = step.template resolve<Out, Last>();
        using more_type = decltype(more);
        return open_plan<In, typename more_type::output_type, typename more_type::last_step>(
            extended(before.graph(), std::move(more.graph)));
    }
};

/// A plan without steps. In: void when the first step knows what it takes.
template <class In>
struct pipeline_head {
    std::string name;

    template <plan_step Step>
    [[nodiscard]] friend auto operator|(const pipeline_head& head, const Step& step) {
        using input = std::conditional_t<std::is_void_v<In>, typename Step::input_type, In>;
        static_assert(
            !std::is_void_v<input>,
            "sheaf::pipeline: the first step does not say what it takes. Say it: sheaf::pipeline<url>(name).");
        auto nodes = std::make_shared<plan_graph>();
        nodes->name = head.name;
        return open_plan<input, input, pipeline_input>(std::move(nodes)) | step;
    }
};

}  // namespace detail

/// The beginning of a plan. `name` is what people know it by. When the first step is a local function, the input's type must
/// be said: sheaf::pipeline<url>("scan").
template <class In = void>
[[nodiscard]] detail::pipeline_head<In> pipeline(std::string name) {
    return {std::move(name)};
}

}  // namespace sheaf
