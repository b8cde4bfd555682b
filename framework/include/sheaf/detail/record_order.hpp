// In which order the values of one key come to a reducer. Not for users.
//
// Records are sorted by their keys' bytes, and equal ones keep the order in which they came. Where values have an order of their own, it
// is written behind the key, which is then delimited (key_codec::append_delimited), so that sorting by bytes sorts by both.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <sheaf/detail/key_codec.hpp>

namespace sheaf::detail {

/// Values come in the order of the input.
struct arrival_order {
    static constexpr bool is_arrival = true;

    template <class Value>
    [[nodiscard]] static std::string_view extend(std::string_view key, const Value&, std::string&) noexcept {
        return key;
    }
};

/// Values come in the order of what `project` makes of them, and else of the input.
template <class K, class Project>
class projected_order {
  public:
    static constexpr bool is_arrival = false;

    explicit projected_order(Project project) : project_(std::move(project)) {}

    template <class Value>
    [[nodiscard]] std::string_view extend(std::string_view key, const Value& value, std::string& extended) {
        extended.clear();
        key_codec<K>::append_delimited(extended, key);
        const auto rank = project_(value);
        ordered_output out(scratch_);
        // A text is not delimited here: nothing follows it.
        if constexpr (std::is_convertible_v<decltype(rank), std::string_view>) {
            extended += std::string_view(rank);
        } else {
            char room[16];
            write_ordered(out, rank);
            extended += out.bytes(room);
        }
        return extended;
    }

  private:
    Project project_;
    std::string scratch_;
};

/// Values of one input come before those of the next.
template <class K>
class input_order {
  public:
    static constexpr bool is_arrival = false;

    explicit input_order(std::uint8_t input) noexcept : input_(input) {}

    template <class Value>
    [[nodiscard]] std::string_view extend(std::string_view key, const Value&, std::string& extended) const {
        extended.clear();
        key_codec<K>::append_delimited(extended, key);
        extended += static_cast<char>(input_);
        return extended;
    }

  private:
    std::uint8_t input_;
};

}  // namespace sheaf::detail
