// Any bytes are read into classes with Boost.Serialization's functions or refused; what was read is written as something
// that is read as the same. The first byte chooses the type.

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <valarray>
#include <vector>

#include <boost/optional.hpp>
#include <boost/serialization/bitset.hpp>
#include <boost/serialization/complex.hpp>
#include <boost/serialization/optional.hpp>
#include <boost/serialization/valarray.hpp>

#include "base/assert.hpp"
#include <sheaf/boost.hpp>

namespace sheaf::test {

struct leaf {
    std::string name;
    std::vector<double> weights;
    template <class Archive>
    void serialize(Archive& archive, unsigned version) {
        archive& BOOST_SERIALIZATION_NVP(name);
        if (version >= 1) archive& weights;
    }
};

struct branch {
    leaf own;
    std::vector<branch> parts;
    std::unique_ptr<branch> spare;
    std::map<std::string, std::valarray<short>> tables;
    boost::optional<std::bitset<40>> marks;
    template <class Archive>
    void serialize(Archive& archive, unsigned /*version*/) {
        archive& own& parts& spare& tables& marks;
    }
};

}  // namespace sheaf::test

BOOST_CLASS_VERSION(sheaf::test::leaf, 2)

namespace {

using namespace sheaf::test;
using codec = sheaf::boost_serialization;

template <class T>
void try_type(std::string_view bytes) {
    T value{};
    try {
        value = codec::read_result<T>(bytes);
    } catch (const sheaf::decode_error&) {
        return;
    } catch (const std::invalid_argument&) {
        return;  // std::bitset's own check
    }
    const std::string once = codec::write_result(value);
    SHEAF_ASSERT(once == codec::write_result(codec::read_result<T>(once)), "a value survives the round trip");
}

constexpr std::array types = {
    &try_type<leaf>,
    &try_type<branch>,
    &try_type<std::vector<std::complex<float>>>,
    &try_type<std::valarray<leaf>>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    types[data[0] % types.size()]({reinterpret_cast<const char*>(data) + 1, size - 1});
    return 0;
}
