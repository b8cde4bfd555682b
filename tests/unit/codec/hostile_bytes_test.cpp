// What decoding does with bytes that lie.
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "support/largest_request.hpp"
#include "support/wire_shapes.hpp"
#include <sheaf/codec.hpp>

namespace {

using namespace sheaf::test;
using sheaf::decode;
using sheaf::decode_error;
using sheaf::encode;

/// A count of `value`, alone.
std::string count(std::uint64_t value) {
    std::string bytes;
    sheaf::detail::append_count(bytes, value);
    return bytes;
}

/// Refusing `bytes` takes no memory to speak of.
template <class T>
void expect_refused(const std::string& bytes) {
    SCOPED_TRACE(testing::Message() << bytes.size() << " bytes");
    largest_request = 0;
    EXPECT_THROW((void)decode<T>(bytes), decode_error);
    EXPECT_LT(largest_request.load(), 4096U);
}

struct padded {
    std::array<std::uint64_t, 64> memory{};
    template <class Archive>
    void serialize(Archive& /*archive*/) {}
};

TEST(hostile_bytes, a_claimed_length_allocates_nothing) {
    for (const std::uint64_t claim : {std::uint64_t{1} << 20, std::uint64_t{1} << 32, (std::uint64_t{1} << 61) + 1,
                                      std::numeric_limits<std::uint64_t>::max()}) {
        const std::string bytes = count(claim) + std::string(8, '\0');
        expect_refused<std::string>(bytes);
        expect_refused<std::vector<double>>(bytes);
        expect_refused<std::vector<std::string>>(bytes);
        expect_refused<std::vector<bool>>(bytes);
        expect_refused<std::vector<padded>>(bytes);
        expect_refused<std::list<stats>>(bytes);
        expect_refused<std::map<std::string, int>>(bytes);
        expect_refused<std::unordered_map<int, int>>(bytes);
        expect_refused<std::set<std::string>>(bytes);
        expect_refused<std::vector<std::vector<std::vector<int>>>>(bytes);
    }
}

TEST(hostile_bytes, every_prefix_of_a_value_is_refused) {
    tree root;
    root.children.resize(3);
    root.children[1].spare = std::make_unique<tree>();
    const std::string bytes = encode(root.children) + encode(std::tuple{std::string("text"), 1.0, choices{"abc"}});
    using whole = std::tuple<std::vector<tree>, std::string, double, choices>;
    ASSERT_NO_THROW((void)decode<whole>(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size) expect_refused<whole>(bytes.substr(0, size));
}

TEST(hostile_bytes, bytes_after_the_end_are_refused) {
    expect_refused<int>(encode(1) + '\0');
    expect_refused<stats>(encode(stats{}) + 'x');
}

TEST(hostile_bytes, a_long_chain_of_pointers_is_refused_before_the_stack_is_full) {
    // value, no children, a spare: as long as the bytes last.
    std::string bytes;
    for (int i = 0; i < 200'000; ++i) bytes += encode(0) + count(0) + '\1';
    EXPECT_THROW((void)decode<tree>(bytes), decode_error);
}

TEST(hostile_bytes, nesting_is_limited_where_the_limit_says) {
    const auto chain = [](int length) {
        std::string bytes;
        for (int i = 1; i < length; ++i) bytes += encode(0) + count(0) + '\1';
        return bytes + encode(0) + count(0) + '\0';
    };
    // Each link is an object within a pointer; the innermost holds a sequence and a pointer of its own.
    const sheaf::decode_limits limits{.depth = 8};
    EXPECT_NO_THROW((void)decode<tree>(chain(4), limits));
    EXPECT_THROW((void)decode<tree>(chain(5), limits), decode_error);
}

TEST(hostile_bytes, a_value_that_grows_out_of_proportion_is_refused) {
    using wide = std::vector<std::optional<std::array<std::uint64_t, 64>>>;
    const std::string bytes = count(10'000) + std::string(10'000, '\0');
    EXPECT_THROW((void)decode<wide>(bytes), decode_error);
    EXPECT_NO_THROW((void)decode<wide>(bytes, {.expansion = 1024}));
    EXPECT_NO_THROW((void)decode<wide>(bytes, {.allowance = 10'000 * sizeof(wide::value_type)}));
}

TEST(hostile_bytes, values_that_no_encoder_writes_are_refused) {
    expect_refused<bool>("\2");
    expect_refused<std::vector<bool>>("\1\2");
    expect_refused<std::optional<int>>("\2");
    expect_refused<choices>("\5");
    expect_refused<choices>(count(std::uint64_t{1} << 40));
    expect_refused<std::string>(std::string("\x80\0", 2));       // zero in two bytes
    expect_refused<std::string>(std::string(9, '\xff') + '\2');  // more than 64 bits
    expect_refused<std::string>(std::string(11, '\x80'));        // no end
    expect_refused<std::set<std::uint8_t>>("\2\5\5");            // twice the same
    expect_refused<std::map<std::uint8_t, std::uint8_t>>(std::string("\2\5\1\5\2"));
}

TEST(hostile_bytes, a_class_that_refuses_what_it_reads_is_heard) {
    EXPECT_THROW((void)decode<split_functions>(encode(std::string("abc")) + encode(std::uint32_t{4})),
                 std::invalid_argument);
}

TEST(hostile_bytes, the_error_says_where) {
    try {
        (void)decode<std::pair<int, bool>>(encode(5) + '\7');
        FAIL() << "not refused";
    } catch (const decode_error& error) {
        EXPECT_EQ(error.offset(), 5U);
        EXPECT_STREQ(error.what(), "cannot decode: a truth value is neither 0 nor 1 (at byte 5)");
    }
}

enum class narrow : std::uint8_t { first = 3, last = 5 };

}  // namespace

template <>
struct sheaf::enum_range<narrow> {
    static constexpr narrow first = narrow::first;
    static constexpr narrow last = narrow::last;
};

namespace {

TEST(hostile_bytes, an_enum_with_a_range_stays_in_it) {
    EXPECT_EQ(decode<narrow>("\4"), static_cast<narrow>(4));
    expect_refused<narrow>("\2");
    expect_refused<narrow>("\6");
}

}  // namespace
