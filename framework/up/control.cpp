#include "up/control.hpp"

#include "base/parse_number.hpp"

namespace sheaf::up {
namespace {

constexpr std::string_view scale_word = "scale ";
constexpr std::string_view down_word = "down ";
constexpr std::string_view ok_word = "ok ";
constexpr std::string_view no_word = "no ";

}  // namespace

std::string to_text(const control_request& request) {
    const bool scales = request.what == control_request::kind::scale;
    return std::string(scales ? scale_word : down_word) + std::to_string(request.number);
}

std::optional<control_request> parse_request(std::string_view text) {
    control_request request;
    if (text.starts_with(scale_word)) {
        text.remove_prefix(scale_word.size());
    } else if (text.starts_with(down_word)) {
        request.what = control_request::kind::down;
        text.remove_prefix(down_word.size());
    } else {
        return std::nullopt;
    }
    const auto number = parse_number<decltype(request.number)>(text);
    if (!number) return std::nullopt;
    request.number = *number;
    return request;
}

std::string to_text(const control_reply& reply) {
    return (std::string(reply.ok ? ok_word : no_word) + reply.text).substr(0, control_bytes_max);
}

std::optional<control_reply> parse_reply(std::string_view text) {
    for (const std::string_view word : {ok_word, no_word}) {
        if (text.starts_with(word)) return control_reply{word == ok_word, std::string(text.substr(word.size()))};
    }
    return std::nullopt;
}

}  // namespace sheaf::up
