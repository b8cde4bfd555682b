#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "support/wire_shapes.hpp"
#include <sheaf/task.hpp>

namespace {

using sheaf::task;
using sheaf::detail::implements;
using sheaf::detail::is_task_name;

inline constexpr task<"add", long(int, const std::string&), sheaf::idempotent> add{};
using add_task = std::remove_const_t<decltype(add)>;

static_assert(add_task::name() == "add");
static_assert(add_task::is_idempotent && !add_task::is_raw && add_task::arity == 2);
static_assert(std::is_same_v<add_task::arguments_type, std::tuple<int, std::string>>);

// Calls are checked against the signature.
static_assert(std::is_invocable_r_v<sheaf::call_of<add_task>, add_task, int, const char*>);
static_assert(!std::is_invocable_v<add_task, int>);
static_assert(!std::is_invocable_v<add_task, int, std::string, int>);
static_assert(!std::is_invocable_v<add_task, std::string, std::string>);

// So are handlers.
struct moved_only {
    std::unique_ptr<int> state;
    long operator()(int, std::string);
};
static_assert(implements<long (*)(int, std::string), add_task>);
static_assert(implements<short (*)(int, std::string_view), add_task>, "what converts will do");
static_assert(implements<long (*)(sheaf::context&, int, const std::string&), add_task>);
static_assert(implements<moved_only, add_task>);
static_assert(!implements<long (*)(int), add_task>);
static_assert(!implements<std::string (*)(int, std::string), add_task>);
static_assert(!implements<long (*)(sheaf::context&, int), add_task>);
static_assert(!implements<int, add_task>);
static_assert(implements<void (*)(int), task<"f", void(int)>>);

static_assert(is_task_name("a") && is_task_name("A.b_c-9"));
static_assert(!is_task_name("") && !is_task_name("a b") && !is_task_name("a/b") &&
              !is_task_name(std::string_view("a\0", 2)));
static_assert(is_task_name("0123456789012345678901234567890123456789012345678901234567890123"));
static_assert(!is_task_name("01234567890123456789012345678901234567890123456789012345678901234"));

TEST(task, a_call_holds_its_arguments_and_sends_nothing) {
    const auto call = add(7, "text");
    EXPECT_EQ(call.arguments, (std::tuple<int, std::string>(7, "text")));
}

TEST(task, arguments_that_can_only_be_moved_are_moved) {
    constexpr task<"keep", void(std::unique_ptr<int>)> keep{};
    const auto call = keep(std::make_unique<int>(5));
    EXPECT_EQ(*std::get<0>(call.arguments), 5);
}

}  // namespace
