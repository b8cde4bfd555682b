// What the typed steps of a plan need and that is the same for all types.
#include <utility>

#include <sheaf/detail/plan_steps.hpp>
#include <sheaf/pipeline.hpp>

namespace sheaf::detail {
namespace {

template <class Options>
stage_setup make_setup(plan_task task, Options how, failure_handling handling) {
    std::string name = how.name.empty() ? std::string(task.frame.task) : std::move(how.name);
    return {.what = {.task = std::move(task), .how = std::move(how.call), .window = how.window},
            .name = std::move(name),
            .handling = handling};
}

class one_item final : public item_source {
  public:
    explicit one_item(shared_bytes item) : item_(std::move(item)) {}
    std::optional<shared_bytes> next() override { return std::exchange(item_, std::nullopt); }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return 1; }

  private:
    std::optional<shared_bytes> item_;
};

}  // namespace

stage_setup make_stage_setup(plan_task task, stage_options how) {
    const failure_handling handling = handling_of(how.on_failure);
    return make_setup(std::move(task), std::move(how), handling);
}

stage_setup make_stage_setup(plan_task task, collecting_stage_options how) {
    return make_setup(std::move(task), std::move(how), failure_handling::collect);
}

plan_graph make_stage(stage_setup setup) {
    const bool by_key = setup.what.key != nullptr;
    plan_graph made = make_single(std::move(setup.name), std::move(setup.what), setup.handling);
    made.nodes.front().ordered = by_key;
    return made;
}

plan_graph make_single(std::string name, decltype(plan_node::what) what, failure_handling handling) {
    plan_graph made;
    made.add({.name = std::move(name), .what = std::move(what), .handling = handling});
    return made;
}

plan_graph make_ordered() { return {.name = {}, .nodes = {{.name = {}, .what = pass_node{}, .ordered = true}}}; }

std::unique_ptr<item_source> single_item(shared_bytes item) { return std::make_unique<one_item>(std::move(item)); }

shared_bytes only_outcome(pipeline_driver& of, const plan_graph& plan) {
    const auto only = of.next();
    if (only && !of.next()) return only->bytes;
    throw call_error({.code = errc::incomplete,
                      .message = "the pipeline \"" + plan.name + "\" gave " +
                                 (only ? "more than one outcome" : "no outcome") +
                                 " for the item; start() takes such plans"});
}

std::shared_ptr<const plan_graph> extended(const std::shared_ptr<const plan_graph>& plan, plan_graph more) {
    auto longer = std::make_shared<plan_graph>(*plan);
    longer->append(std::move(more));
    return longer;
}

}  // namespace sheaf::detail
