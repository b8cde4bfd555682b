// Classes with the functions of Boost.Serialization.
#include <complex>
#include <limits>
#include <string>

#include <sheaf/boost.hpp>

// Boost's own code for types that only it knows, and for some that it must leave to us.
#include <boost/optional.hpp>
#include <boost/serialization/base_object.hpp>
#include <boost/serialization/bitset.hpp>
#include <boost/serialization/complex.hpp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/optional.hpp>
#include <boost/serialization/split_free.hpp>
#include <boost/serialization/split_member.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/valarray.hpp>
#include <boost/serialization/vector.hpp>
#include <gtest/gtest.h>

#include "support/largest_request.hpp"
#include <sheaf/schema.hpp>

namespace sheaf::test {

/// Private fields, with names.
class place {
  public:
    place() = default;
    place(std::string name, double x) : name_(std::move(name)), x_(x) {}
    friend bool operator==(const place&, const place&) = default;

  private:
    friend class boost::serialization::access;
    template <class Archive>
    void serialize(Archive& archive, unsigned /*version*/) {
        archive& BOOST_SERIALIZATION_NVP(name_);
        archive& boost::serialization::make_nvp("x", x_);
    }
    std::string name_;
    double x_ = 0;
};

/// A pair of functions, which say what they must not read.
struct split {
    int value = 0;
    template <class Archive>
    void save(Archive& archive, unsigned /*version*/) const {
        archive << value << -value;
    }
    template <class Archive>
    void load(Archive& archive, unsigned /*version*/) {
        int negative = 0;
        archive >> value >> negative;
        if (negative != -value) throw std::invalid_argument("the numbers do not fit each other");
    }
    BOOST_SERIALIZATION_SPLIT_MEMBER()
    friend bool operator==(const split&, const split&) = default;
};

/// Nothing of Boost in it: its functions stand beside it.
struct outside {
    short value = 0;
    friend bool operator==(const outside&, const outside&) = default;
};
template <class Archive>
void save(Archive& archive, const outside& what, unsigned /*version*/) {
    archive << what.value;
}
template <class Archive>
void load(Archive& archive, outside& what, unsigned /*version*/) {
    archive >> what.value;
}

struct route : place {
    std::vector<place> stops;
    std::map<std::string, split> by_name;
    std::unique_ptr<route> back;
    template <class Archive>
    void serialize(Archive& archive, unsigned /*version*/) {
        archive& boost::serialization::make_nvp("base", boost::serialization::base_object<place>(*this));
        archive& stops& by_name& back;
    }
};

struct aged {
    int value = 1;
    int added = 5;
    unsigned seen = 0;
    template <class Archive>
    void serialize(Archive& archive, unsigned version) {
        seen = version;
        archive& value;
        if (version >= 3) archive& added;
    }
};

}  // namespace sheaf::test

BOOST_SERIALIZATION_SPLIT_FREE(sheaf::test::outside)
BOOST_CLASS_VERSION(sheaf::test::aged, 3)

namespace {

using namespace sheaf::test;
using codec = sheaf::boost_serialization;

template <class T>
T read(std::string_view bytes) {
    return codec::read_result<T>(bytes);
}
template <class T>
T round_trip(const T& value) {
    return read<T>(codec::write_result(value));
}

TEST(boost_codec, classes_with_boosts_functions_make_the_round_trip) {
    EXPECT_EQ(round_trip(place("here", 2.5)), place("here", 2.5));
    EXPECT_EQ(round_trip(split{4}), split{4});
    EXPECT_EQ(round_trip(outside{4}), outside{4});
    const std::vector<std::optional<place>> places{place("a", 1), std::nullopt};
    EXPECT_EQ(round_trip(places), places);

    route there;
    static_cast<place&>(there) = place("there", 1);
    there.stops = {place("a", 1), place("b", 2)};
    there.by_name["x"] = split{7};
    there.back = std::make_unique<route>();
    const route copy = round_trip(there);
    EXPECT_EQ(static_cast<const place&>(copy), place("there", 1));
    EXPECT_EQ(copy.stops.at(1), place("b", 2));
    EXPECT_EQ(copy.by_name.at("x").value, 7);
    ASSERT_TRUE(copy.back);
    EXPECT_FALSE(copy.back->back);
}

TEST(boost_codec, types_that_only_boost_knows_go_its_way) {
    EXPECT_EQ(round_trip(std::complex<double>(1, 2)), std::complex<double>(1, 2));
    EXPECT_EQ(round_trip(std::bitset<9>(5)), std::bitset<9>(5));
    EXPECT_TRUE(round_trip(boost::optional<place>(place("a", 1))) == place("a", 1));
    EXPECT_FALSE(round_trip(boost::optional<place>()));
    const auto numbers = round_trip(std::valarray<int>{1, 2, 3});
    EXPECT_EQ(std::vector<int>(std::begin(numbers), std::end(numbers)), (std::vector<int>{1, 2, 3}));
}

TEST(boost_codec, a_class_knows_the_version_that_it_was_written_with) {
    EXPECT_EQ(round_trip(aged{}).seen, 3U);
    aged old;
    old.added = 9;
    sheaf::detail::boost_input_archive archive(std::string_view("\2\7\0\0\0", 5));
    archive >> old;
    EXPECT_EQ(old.seen, 2U);
    EXPECT_EQ(old.value, 7);
    EXPECT_EQ(old.added, 9);
    EXPECT_THROW((void)read<aged>(std::string_view("\4\7\0\0\0\0\0\0\0", 9)), sheaf::decode_error);
}

/// Refusing `bytes` takes no memory to speak of.
template <class T>
void expect_refused(const std::string& bytes) {
    largest_request = 0;
    EXPECT_THROW((void)read<T>(bytes), sheaf::decode_error);
    EXPECT_LT(largest_request.load(), 4096U);
}

TEST(boost_codec, a_claimed_length_allocates_nothing) {
    for (const std::uint64_t claim :
         {std::uint64_t{1} << 20, std::uint64_t{1} << 32, std::numeric_limits<std::uint64_t>::max()}) {
        std::string bytes;
        sheaf::detail::append_count(bytes, claim);
        expect_refused<std::vector<place>>(bytes);
        expect_refused<std::string>(bytes);
        expect_refused<std::map<std::string, split>>(bytes);
        expect_refused<std::valarray<double>>('\0' + bytes);
    }
}

struct chain {
    std::unique_ptr<chain> next;
    template <class Archive>
    void serialize(Archive& archive, unsigned /*version*/) {
        archive& next;
    }
};

TEST(boost_codec, a_long_chain_is_refused_before_the_stack_is_full) {
    std::string bytes;
    for (int i = 0; i < 200'000; ++i) bytes += std::string("\0\1", 2);
    EXPECT_THROW((void)read<chain>(bytes), sheaf::decode_error);
}

TEST(boost_codec, every_part_of_a_value_is_refused) {
    route there;
    there.stops = {place("a", 1)};
    there.back = std::make_unique<route>();
    const std::string bytes = codec::write_result(there);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_THROW((void)read<route>(bytes.substr(0, size)), sheaf::decode_error) << size;
    }
    EXPECT_THROW((void)read<route>(bytes + '\0'), sheaf::decode_error);
}

TEST(boost_codec, a_class_that_refuses_what_it_reads_is_heard) {
    EXPECT_THROW((void)read<split>(std::string("\0\1\0\0\0\1\0\0\0", 9)), std::invalid_argument);
}

struct no_road : std::runtime_error {
    using std::runtime_error::runtime_error;
    place last;
    template <class Archive>
    void serialize(Archive& archive, unsigned /*version*/) {
        archive& last;
    }
};

using find_route = sheaf::task<"geo.route", route(place, place), sheaf::boost_serialization, sheaf::throws<no_road>>;

TEST(boost_codec, the_schema_is_what_serialize_writes) {
    EXPECT_EQ(
        sheaf::schema<find_route>().text,
        "geo.route({name_:s,x:f8},{name_:s,x:f8})->{base:{name_:s,x:f8},[{name_:s,x:f8}],<s,{i4,i4}>,?^1}!no_road{{"
        "name_:s,x:f8}}");
    EXPECT_NE(sheaf::schema<find_route>().fingerprint, 0U);
}

TEST(boost_codec, errors_have_fields_too) {
    no_road why("closed");
    why.last = place("a", 3);
    no_road copy("");
    codec::read_error(codec::write_error(why), copy);
    EXPECT_EQ(copy.last, why.last);
    EXPECT_FALSE(codec::has_fields<std::runtime_error>);
}

}  // namespace
