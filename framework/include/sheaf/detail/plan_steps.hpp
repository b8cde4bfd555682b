// The steps of a plan before it is known what they are given. Not for users: see pipeline.hpp.
//
// A step has resolve<In, From>(): its nodes for items of type In that come from a step called From, and the type that comes
// out of it.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <sheaf/detail/plan_joint.hpp>
#include <sheaf/detail/plan_values.hpp>
#include <sheaf/detail/typed_call.hpp>

namespace sheaf::detail {

/// Nodes that take an item of some type to one of type Out. Last: the last step, for messages. UsesMainLine: they number
/// items anew, or need them in order.
template <class Out, class Last, bool UsesMainLine>
struct resolved {
    using output_type = Out;
    using last_step = Last;
    static constexpr bool uses_main_line = UsesMainLine;

    plan_graph graph;
};

/// Anything that can stand behind a `|` in a pipeline.
template <class S>
concept plan_step = requires { typename S::is_plan_step; };

template <class T>
constexpr void check_edge() {
    if constexpr (is_result<T>) {
        if constexpr (!std::is_void_v<typename T::value_type>) check_edge<typename T::value_type>();
    } else if constexpr (!holds_result<T>) {
        check_sendable<T, binary_codec>();
    }
}

/// Describes what travels along an edge of type T.
template <class T>
void describe_edge(describing_archive& to) {
    if constexpr (is_result<T>) {
        to.put("!");
        describe_edge<edge_type<typename T::value_type>>(to);
    } else if constexpr (holds_result<T>) {
        describe_parts_of_edge(to, static_cast<const T*>(nullptr));
    } else {
        to.template describe<T>();
    }
}
template <class T>
void describe_parts_of_edge(describing_archive& to, const std::vector<T>* /*of*/) {
    to.put("[");
    describe_edge<T>(to);
    to.put("]");
}
template <class... T>
void describe_parts_of_edge(describing_archive& to, const std::tuple<T...>* /*of*/) {
    to.put("(");
    ((describe_edge<T>(to), to.put(",")), ...);
    to.put(")");
}
/// Tells apart functions of types whose encodings differ: tasks have their fingerprints, and local steps this.
template <class In, class Out>
std::uint64_t edge_shape() {
    describing_archive to;
    describe_edge<In>(to);
    to.put("->");
    describe_edge<Out>(to);
    return fnv1a64(to.shape);
}

template <class Out, bool Collects>
using maybe_collected = std::conditional_t<Collects, result<Out>, edge_type<Out>>;

template <class Task>
struct task_input {
    using type = typename Task::arguments_type;
};
template <class Task>
    requires(Task::arity == 1)
struct task_input<Task> {
    using type = std::tuple_element_t<0, typename Task::arguments_type>;
};
/// What a stage of Task takes: its argument or, when it has none or several, a tuple of them.
template <class Task>
using task_input_t = typename task_input<Task>::type;

template <class Task>
typename Task::arguments_type decode_arguments(std::string_view item) {
    if constexpr (Task::arity == 1) {
        return typename Task::arguments_type{decode<task_input_t<Task>>(item)};
    } else {
        return decode<typename Task::arguments_type>(item);
    }
}

template <class Task>
std::string arguments_of_item(std::string_view item) {
    return make_raw_call<Task>(decode_arguments<Task>(item)).arguments;
}

template <class Task>
shared_bytes item_of_result(const shared_bytes& bytes) {
    auto read = read_result<Task>(bytes);
    if (!read) throw decode_error(read.error().message);
    if constexpr (std::is_void_v<typename Task::result_type>) {
        return {};
    } else {
        return shared_bytes(encode(*read));
    }
}

template <class Task>
[[noreturn]] void rethrow_as_declared(failure why) {
    throw_as_declared<typename Task::codec>(std::move(why), typename Task::errors{});
}

/// Whether arguments and result of Task are encoded as items are.
template <class Task>
inline constexpr bool passes_items = std::is_same_v<typename Task::codec, binary_codec>;

/// `rules`: how calls of it are tried again.
template <class Task>
plan_task make_plan_task(const retry& rules) {
    static_assert(!is_stream<typename Task::result_type>,
                  "sheaf: the result of a pipeline's stage cannot be a stream. Return a std::vector.");
    plan_task made{.frame = make_call_frame<Task>(), .rethrow = &rethrow_as_declared<Task>};
    made.frame.typed_again = typed_again<Task>(rules);
    if constexpr (!passes_items<Task>) {
        made.to_arguments = &arguments_of_item<Task>;
        made.from_result = &item_of_result<Task>;
    }
    return made;
}

/// What stages have in common, whatever their task.
struct stage_setup {
    call_node what;
    std::string name;
    failure_handling handling = failure_handling::fail;
};
[[nodiscard]] stage_setup make_stage_setup(plan_task task, stage_options how);
[[nodiscard]] stage_setup make_stage_setup(plan_task task, collecting_stage_options how);
template <class Task, class Options>
stage_setup make_stage_setup(Options how) {
    plan_task task = make_plan_task<Task>(how.call.retry);  // before `how` is moved from
    return make_stage_setup(std::move(task), std::move(how));
}
/// The nodes of a stage.
[[nodiscard]] plan_graph make_stage(stage_setup setup);
/// A node that items leave in the order of the plan's input.
[[nodiscard]] plan_graph make_ordered();
[[nodiscard]] plan_graph make_single(std::string name, decltype(plan_node::what) what, failure_handling handling);
[[nodiscard]] constexpr failure_handling handling_of(on_failure::policy policy) noexcept {
    return policy == on_failure::fail ? failure_handling::fail : failure_handling::skip;
}

/// A task, called with each item.
template <class Task, bool Collects, bool ByKey>
struct stage_step {
    using is_plan_step = void;
    using input_type = task_input_t<Task>;

    stage_setup setup;

    /// Items of which `key` says the same go through the stage one at a time, in the order of the pipeline's input; others
    /// at the same time. Not to the same worker: Gearman gives a job to whoever asks first.
    template <class F>
    [[nodiscard]] stage_step<Task, Collects, true> by_key(F key) const {
        (void)sizeof(joint_with_function<Task, input_type, F>);
        stage_step<Task, Collects, true> keyed{setup};
        keyed.setup.what.key = [key = std::move(key)](std::string_view item) {
            return encode(key(decode<input_type>(item)));
        };
        return keyed;
    }

    template <class In, class From>
    auto resolve() const {
        (void)sizeof(joint_before<From, In, Task, input_type>);
        using output = maybe_collected<typename Task::result_type, Collects>;
        return resolved<output, Task, ByKey>{make_stage(setup)};
    }
};

/// A task that says of each item whether it goes on.
template <class Task>
struct task_filter_step {
    using is_plan_step = void;
    using input_type = task_input_t<Task>;
    static_assert(std::is_same_v<typename Task::result_type, bool>, "sheaf::filter: the task's result is no bool.");

    stage_setup setup;

    template <class In, class From>
    auto resolve() const {
        (void)sizeof(joint_between<From, In, Task, input_type>);
        plan_graph graph = make_stage(setup);
        std::get<call_node>(graph.nodes.front().what).decides = true;
        return resolved<In, Task, false>{std::move(graph)};
    }
};

/// `function` of an item, whose parts it may take one by one.
template <class F, class In>
decltype(auto) apply_to_item(const F& function, In&& item) {
    if constexpr (std::is_invocable_v<const F&, In>) {
        return function(std::forward<In>(item));
    } else {
        return std::apply(function, std::forward<In>(item));
    }
}
template <class F, class In>
inline constexpr bool applies_to_parts = false;
template <class F, class... Parts>
inline constexpr bool applies_to_parts<F, std::tuple<Parts...>> = std::is_invocable_v<const F&, Parts...>;

/// A local function of each item.
template <class F, bool Collects>
struct transform_step {
    using is_plan_step = void;
    using input_type = void;

    F function;
    std::string name;
    failure_handling handling = failure_handling::fail;

    template <class In, class From>
    auto resolve() const {
        if constexpr (!applies_to_parts<F, In>) (void)sizeof(joint_with_function<From, In, F>);
        using made = std::remove_cvref_t<decltype(apply_to_item(function, std::declval<In>()))>;
        using output = maybe_collected<made, Collects>;
        check_edge<output>();
        auto whole = [function = function](std::string_view item) {
            if constexpr (std::is_void_v<made>) {
                apply_to_item(function, decode_edge<In>(item));
                return shared_bytes();
            } else {
                const made value = apply_to_item(function, decode_edge<In>(item));
                return encode_edge(value);
            }
        };
        return resolved<output, local_function<F>, false>{
            make_single(name, apply_node{std::move(whole), edge_shape<In, output>()}, handling)};
    }
};

/// A local function that says of each item whether it goes on.
template <class F>
struct filter_step {
    using is_plan_step = void;
    using input_type = void;

    F keeps;
    std::string name;
    failure_handling handling = failure_handling::fail;

    template <class In, class From>
    auto resolve() const {
        (void)sizeof(joint_with_function<From, In, F>);
        auto whole = [keeps = keeps](std::string_view item) -> bool { return keeps(decode_edge<In>(item)); };
        return resolved<In, local_function<F>, false>{
            make_single(name, keep_node{std::move(whole), edge_shape<In, bool>()}, handling)};
    }
};

struct batch_step {
    using is_plan_step = void;
    using input_type = void;

    std::size_t size;
    std::chrono::milliseconds linger;

    template <class In, class From>
    auto resolve() const {
        return resolved<std::vector<In>, From, true>{
            make_single("batch", batch_node{size, linger, &assemble_vector<In>}, failure_handling::fail)};
    }
};

struct flatten_step {
    using is_plan_step = void;
    using input_type = void;

    template <class In, class From>
    auto resolve() const {
        (void)sizeof(joint_with_container<From, In, std::vector>);
        using element = typename In::value_type;
        return resolved<element, From, true>{
            make_single("flatten", flatten_node{&open_vector<element>}, failure_handling::fail)};
    }
};

struct ordered_step {
    using is_plan_step = void;
    using input_type = void;

    template <class In, class From>
    auto resolve() const {
        return resolved<In, From, true>{make_ordered()};
    }
};

/// Steps one after the other.
template <class First, class Second>
struct step_pair {
    using is_plan_step = void;
    using input_type = typename First::input_type;

    First first;
    Second second;

    template <class In, class From>
    auto resolve() const {
        auto before = first.template resolve<In, From>();
        using before_type = decltype(before);
        auto after = second.template resolve<typename before_type::output_type, typename before_type::last_step>();
        using after_type = decltype(after);
        before.graph.append(std::move(after.graph));
        return resolved < typename after_type::output_type, typename after_type::last_step,
               before_type::uses_main_line || after_type::uses_main_line > {std::move(before.graph)};
    }
};

/// A step for each element of an item.
template <class Body>
struct each_step {
    using is_plan_step = void;
    using input_type = std::conditional_t<std::is_void_v<typename Body::input_type>, void,
                                          std::vector<edge_type<typename Body::input_type>>>;

    Body body;

    template <class In, class From>
    auto resolve() const {
        (void)sizeof(joint_with_container<From, In, std::vector>);
        using element = typename In::value_type;
        auto inner = body.template resolve<element, From>();
        using inner_type = decltype(inner);
        using part = typename inner_type::output_type;
        (void)sizeof(step_inside<typename inner_type::last_step, inner_type::uses_main_line>);
        return resolved<std::vector<part>, typename inner_type::last_step, false>{
            make_each(&open_vector<element>, std::move(inner.graph), &assemble_vector<part>)};
    }
};

template <class... T>
struct first_known {
    using type = void;
};
template <class T, class... Others>
struct first_known<T, Others...>
    : std::conditional_t<std::is_void_v<T>, first_known<Others...>, std::type_identity<T>> {};

/// Several branches for each item.
template <class... Branches>
struct fork_step {
    using is_plan_step = void;
    using input_type = typename first_known<typename Branches::input_type...>::type;

    std::tuple<Branches...> branches;

    template <class In, class From>
    auto resolve() const {
        return resolve_all<In, From>(std::index_sequence_for<Branches...>{});
    }

  private:
    template <class In, class From, std::size_t... I>
    auto resolve_all(std::index_sequence<I...> /*places*/) const {
        return join_up(std::get<I>(branches).template resolve<In, From>()...);
    }
    template <class... Resolved>
    static auto join_up(Resolved... branch) {
        ((void)sizeof(step_inside<typename Resolved::last_step, Resolved::uses_main_line>), ...);
        std::vector<plan_graph> graphs;
        (graphs.push_back(std::move(branch.graph)), ...);
        return resolved<std::tuple<typename Resolved::output_type...>, branches_of<typename Resolved::last_step...>,
                        false>{make_fork(std::move(graphs), &assemble_tuple<typename Resolved::output_type...>)};
    }
};

template <class First, class... Others>
inline constexpr bool are_same = (std::is_same_v<First, Others> && ...);

/// One of several branches for each item, a variant.
template <class... Branches>
struct branch_step {
    using is_plan_step = void;
    using input_type = void;

    std::tuple<Branches...> branches;

    template <class In, class From>
    auto resolve() const {
        (void)sizeof(joint_with_container<From, In, std::variant>);
        static_assert(std::variant_size_v<In> == sizeof...(Branches),
                      "sheaf::branch: there must be one branch for each alternative of the variant.");
        return resolve_all<In, From>(std::index_sequence_for<Branches...>{});
    }

  private:
    template <class In, class From, std::size_t... I>
    auto resolve_all(std::index_sequence<I...> /*places*/) const {
        return merge(std::get<I>(branches).template resolve<std::variant_alternative_t<I, In>, From>()...);
    }
    template <class... Resolved>
    static auto merge(Resolved... branch) {
        ((void)sizeof(step_inside<typename Resolved::last_step, Resolved::uses_main_line>), ...);
        constexpr bool same = are_same<typename Resolved::output_type...>;
        using output =
            typename std::conditional_t<same, std::tuple_element<0, std::tuple<typename Resolved::output_type...>>,
                                        std::type_identity<std::variant<typename Resolved::output_type...>>>::type;
        static_assert(same || (!holds_result<typename Resolved::output_type> && ...),
                      "sheaf::branch: branches that collect failures must all give the same type.");
        std::vector<plan_graph> graphs;
        (graphs.push_back(std::move(branch.graph)), ...);
        return resolved<output, branches_of<typename Resolved::last_step...>, false>{
            make_choice(std::move(graphs), !same)};
    }
};

template <class From>
inline constexpr bool is_fork = false;
template <class... Steps>
inline constexpr bool is_fork<branches_of<Steps...>> = true;

/// What a fork's branches gave, together.
template <class Step>
struct join_step {
    using is_plan_step = void;
    using input_type = void;

    Step step;

    template <class In, class From>
    auto resolve() const {
        static_assert(is_fork<From>,
                      "sheaf::join: there is no fork() before it. For a single item use stage() or "
                      "transform().");
        return step.template resolve<In, From>();
    }
};

}  // namespace sheaf::detail
