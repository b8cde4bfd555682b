// Types of every kind that can be sent, for the tests and fuzz targets of codecs and schemas.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <cereal/cereal.hpp>
#include <cereal/types/base_class.hpp>

namespace sheaf::test {

enum class color : std::uint8_t { red, green, blue };

struct stats {
    std::string path;
    std::uint64_t words = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(path), CEREAL_NVP(words));
    }
    friend bool operator==(const stats&, const stats&) = default;
};

/// Fields of the base class come first, and none has a name.
struct ranked_stats : stats {
    color rank = color::red;
    std::array<std::int16_t, 3> parts{};
    double weights[2] = {};

    template <class Archive>
    void serialize(Archive& archive) {
        archive(cereal::base_class<stats>(this), rank, parts, weights);
    }
    friend bool operator==(const ranked_stats&, const ranked_stats&) = default;
};

/// Contains itself.
struct tree {
    int value = 0;
    std::vector<tree> children;
    std::unique_ptr<tree> spare;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(value), CEREAL_NVP(children), CEREAL_NVP(spare));
    }
    friend bool operator==(const tree& a, const tree& b) {
        const bool spares = a.spare && b.spare ? *a.spare == *b.spare : a.spare == b.spare;
        return a.value == b.value && a.children == b.children && spares;
    }
};

/// Private fields, and a pair of functions.
class split_functions {
  public:
    split_functions() = default;
    explicit split_functions(std::string text) : text_(std::move(text)) {}
    friend bool operator==(const split_functions&, const split_functions&) = default;

  private:
    friend class cereal::access;
    template <class Archive>
    void save(Archive& archive) const {
        archive(text_, static_cast<std::uint32_t>(text_.size()));
    }
    template <class Archive>
    void load(Archive& archive) {
        std::uint32_t size = 0;
        archive(text_, size);
        if (size != text_.size()) throw std::invalid_argument("the size does not fit the text");
    }

    std::string text_;
};

/// One number stands for the whole.
struct minimal {
    int value = 0;

    template <class Archive>
    int save_minimal(const Archive& /*archive*/) const {
        return value;
    }
    template <class Archive>
    void load_minimal(const Archive& /*archive*/, const int& from) {
        value = from;
    }
    friend bool operator==(const minimal&, const minimal&) = default;
};

/// With cereal's class version.
struct versioned {
    int value = 0;
    std::uint32_t version_seen = 0;

    template <class Archive>
    void serialize(Archive& archive, std::uint32_t version) {
        version_seen = version;
        archive(value);
    }
    friend bool operator==(const versioned& a, const versioned& b) { return a.value == b.value; }
};

struct nothing {
    friend bool operator==(const nothing&, const nothing&) = default;
};

using associations = std::tuple<std::map<std::string, int>, std::unordered_map<int, std::string>,
                                std::multimap<int, int>, std::set<std::string>, std::multiset<std::int8_t>>;
using sequences = std::tuple<std::vector<double>, std::vector<bool>, std::deque<std::string>, std::list<color>,
                             std::vector<std::array<char, 2>>>;
using choices = std::variant<std::monostate, int, std::string, std::optional<stats>, std::pair<bool, char>>;
using times =
    std::tuple<std::chrono::milliseconds, std::chrono::duration<double>, std::chrono::system_clock::time_point>;
using classes = std::tuple<ranked_stats, split_functions, minimal, versioned, nothing>;

}  // namespace sheaf::test

CEREAL_CLASS_VERSION(sheaf::test::versioned, 7)
