// Declarations that must not compile, one for each MISTAKE; compiled by check_mistakes.cmake, never run.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/sheaf.hpp>

struct without_functions {
    int value;
};
struct with_pointer {
    int* there = nullptr;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(there);
    }
};
struct with_fields : std::runtime_error {
    using std::runtime_error::runtime_error;
    int code = 0;
};

#if MISTAKE == 1
inline constexpr sheaf::task<"bad name", int(int)> wrong{};
#elif MISTAKE == 2
inline constexpr sheaf::task<"view", int(std::string_view)> wrong{};
#elif MISTAKE == 3
inline constexpr sheaf::task<"class", without_functions(int)> wrong{};
#elif MISTAKE == 4
inline constexpr sheaf::task<"error", int(int), sheaf::throws<with_fields>> wrong{};
#elif MISTAKE == 5
inline constexpr sheaf::task<"pointer", void(with_pointer)> wrong{};
void use() { (void)sheaf::schema<std::remove_cv_t<decltype(wrong)>>(); }
#elif MISTAKE == 6
inline constexpr sheaf::task<"square", long(int)> square{};
void use(sheaf::app& app) {
    app.bind(square, [](std::string text) { return text; });
}
#elif MISTAKE == 7
inline constexpr sheaf::task<"square", long(int)> square{};
void use() { (void)square("7"); }
#elif MISTAKE == 8
inline constexpr sheaf::task<"shared", void(std::vector<std::shared_ptr<int>>)> wrong{};
void use() { (void)sheaf::schema<std::remove_cv_t<decltype(wrong)>>(); }
#else
inline constexpr sheaf::task<"right", std::vector<std::string>(std::unique_ptr<int>)> right{};
void use() { (void)sheaf::schema<std::remove_cv_t<decltype(right)>>(); }
#endif
