// The guide's page about codecs: raw bytes, JSON, and classes that have the functions of Boost.Serialization.
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <boost/serialization/nvp.hpp>

#include <sheaf/boost.hpp>
#include <sheaf/json.hpp>
#include <sheaf/sheaf.hpp>

// [raw]
inline constexpr sheaf::task<"text.reverse", std::string(std::string), sheaf::raw> reverse{};
// [/raw]

// [json]
struct guess {
    std::string language;
    double certainty = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(language), CEREAL_NVP(certainty));
    }
};

struct no_text : std::runtime_error {
    using std::runtime_error::runtime_error;
    static constexpr std::string_view json_name = "no_text";
};

inline constexpr sheaf::task<"text.language", guess(std::string), sheaf::json, sheaf::throws<no_text>> guess_language{};
// [/json]

// [boost]
struct place {
    double north = 0;
    double east = 0;

    template <class Archive>
    void serialize(Archive& archive, unsigned /*version*/) {
        archive& boost::serialization::make_nvp("north", north);
        archive& boost::serialization::make_nvp("east", east);
    }
};

inline constexpr sheaf::task<"geo.middle", place(std::vector<place>), sheaf::boost_serialization> find_middle{};
// [/boost]

guess language_of(const std::string& text) {
    if (text.empty()) throw no_text("there is nothing to guess from");
    return text.find("hola") != std::string::npos ? guess{"es", 0.75} : guess{"en", 0.5};
}

place middle_of(const std::vector<place>& places) {
    place sum;
    for (const place& one : places) {
        sum.north += one.north;
        sum.east += one.east;
    }
    const auto count = static_cast<double>(std::max<std::size_t>(places.size(), 1));
    return {sum.north / count, sum.east / count};
}

int main(int argc, char** argv) {
    sheaf::app app{"languages"};
    app.bind(reverse, [](std::string text) {
        std::ranges::reverse(text);
        return text;
    });
    app.bind(guess_language, language_of);
    app.bind(find_middle, middle_of);
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        // [raw_call]
        std::cout << cluster.call(reverse("sheaf")) << '\n';
        // [/raw_call]
        // [json_call]
        std::cout << cluster.call(guess_language("hola mundo")).language << '\n';
        try {
            cluster.call(guess_language(""));
        } catch (const no_text& why) {
            std::cout << why.what() << '\n';
        }
        // [/json_call]
        // [to_json]
        std::cout << sheaf::to_json(guess{"es", 0.75}) << '\n';
        const auto read = sheaf::from_json<guess>(R"({"certainty":0.5,"language":"en"})");
        // [/to_json]
        std::cout << read.language << '\n';
        // [boost_call]
        const place middle = cluster.call(find_middle({{59, 10}, {41, 12}}));
        // [/boost_call]
        std::cout << middle.north << ' ' << middle.east << '\n';
        return 0;
    });
}
