// Answers of Sheaf's server, which are JSON: they may be anything, and newer servers say more.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/parse_number.hpp"
#include "codec/json_text.hpp"
#include <sheaf/detail/json_reader.hpp>
#include <sheaf/runtime/error.hpp>

namespace sheaf::detail {

/// One object of a document, whose members may be missing, unknown or of another kind: as if they were not there.
class object_view {
  public:
    using kind = json_node::kind;

    object_view(const std::vector<json_node>& nodes, std::size_t at) : nodes_(nodes), at_(at) {}

    [[nodiscard]] std::string text(std::string_view key) const {
        const json_node* const found = find(key, kind::text);
        return found == nullptr ? std::string() : std::string(found->text);
    }
    template <class Number>
    [[nodiscard]] std::optional<Number> number(std::string_view key) const {
        const json_node* const found = find(key, kind::number);
        return found == nullptr ? std::nullopt : parse_number<Number>(found->text);
    }
    [[nodiscard]] std::optional<std::chrono::system_clock::time_point> time(std::string_view key) const {
        const auto since = number<std::int64_t>(key);
        constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 2'000'000;  // in nanoseconds
        if (!since || *since < 0 || *since > most) return std::nullopt;
        return std::chrono::system_clock::time_point(std::chrono::milliseconds(*since));
    }
    /// The bytes that a text in base64 stands for.
    [[nodiscard]] std::string bytes(std::string_view key) const {
        const json_node* const found = find(key, kind::text);
        const std::size_t size = found == nullptr ? not_base64 : base64_size(found->text);
        if (size == not_base64) return {};
        std::string decoded(size, '\0');
        read_base64(found->text, reinterpret_cast<std::byte*>(decoded.data()));
        return decoded;
    }
    [[nodiscard]] const json_node* find(std::string_view key, kind what) const {
        std::size_t part = at_ + 1;
        for (std::size_t i = 0; i < nodes_[at_].count; ++i, part = nodes_[part].end) {
            if (nodes_[part].key == key) return nodes_[part].what == what ? &nodes_[part] : nullptr;
        }
        return nullptr;
    }
    /// Gives `visit` each object of the array `key`.
    template <class Visit>
    void for_each(std::string_view key, Visit&& visit) const {
        const json_node* const all = find(key, kind::array);
        if (all == nullptr) return;
        std::size_t part = static_cast<std::size_t>(all - nodes_.data()) + 1;
        for (std::size_t i = 0; i < all->count; ++i, part = nodes_[part].end) {
            if (nodes_[part].what == kind::object) visit(object_view(nodes_, part));
        }
    }

  private:
    const std::vector<json_node>& nodes_;
    std::size_t at_;
};

/// What `read` makes of the object that all of `json` is.
template <class Read>
auto with_object(std::string_view json, Read&& read) -> basic_result<decltype(read(std::declval<object_view>()))> {
    try {
        const json_document document(json, {});
        if (document.nodes.front().what == json_node::kind::object) return read(object_view(document.nodes, 0));
        return error{errc::malformed, "the server's answer is JSON, but no object"};
    } catch (const decode_error& why) {
        return error{errc::malformed, std::string("the server's answer is no JSON: ") + why.what()};
    }
}

}  // namespace sheaf::detail
