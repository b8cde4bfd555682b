#include <stdexcept>
#include <string>
#include <string_view>

#include <gmock/gmock.h>

#include <sheaf/app.hpp>

namespace sheaf {
namespace {

using ::testing::StrEq;

constexpr task<"math.square", long(int)> square{};
constexpr task<"math.square", double(double)> square_of_reals{};

/// What is said about binding as `bind` does.
template <class Bind>
std::string complaint(const Bind& bind) {
    app program{"test"};
    try {
        bind(program);
    } catch (const std::logic_error& why) {
        return why.what();
    }
    return {};
}

TEST(app_test, binding_a_task_twice_is_refused) {
    const auto twice = [](app& program) {
        program.bind(square, [](int x) { return long{x} * x; });
        program.bind(square, [](int x) { return long{x} * x; });
    };
    EXPECT_THAT(complaint(twice), StrEq("the task \"math.square\" is bound twice: bind it once"));
}

TEST(app_test, two_tasks_of_one_name_are_refused_and_their_types_shown) {
    const auto both = [](app& program) {
        program.bind(square, [](int x) { return long{x} * x; });
        // In another file, or it would not compile.
        program.add(
            detail::make_binding<std::remove_const_t<decltype(square_of_reals)>>([](double x) { return x * x; }));
    };
    EXPECT_THAT(
        complaint(both),
        StrEq("the task \"math.square\" is bound twice, as math.square(i4)->i8 and as math.square(f8)->f8: give "
              "one of them another name"));
}

TEST(app_test, a_task_and_a_raw_function_of_one_name_are_refused) {
    const auto both = [](app& program) {
        program.bind(square, [](int x) { return long{x} * x; });
        program.bind_raw("math.square", [](std::string_view bytes) { return std::string(bytes); });
    };
    EXPECT_THAT(complaint(both),
                StrEq("the task \"math.square\" is bound twice, as math.square(i4)->i8 and as raw: give one of them "
                      "another name"));
}

TEST(app_test, two_tasks_of_two_names_are_fine) {
    const auto both = [](app& program) {
        program.bind(square, [](int x) { return long{x} * x; });
        program.bind_raw("bytes", [](std::string_view bytes) { return std::string(bytes); });
    };
    EXPECT_THAT(complaint(both), StrEq(""));
}

}  // namespace
}  // namespace sheaf
