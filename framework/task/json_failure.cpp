#include "task/json_failure.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "codec/json_text.hpp"
#include <sheaf/detail/json_reader.hpp>
#include <sheaf/detail/json_writer.hpp>

namespace sheaf::detail {
namespace {

constexpr std::size_t text_max = 16384;
constexpr std::size_t texts_max = 16;

void put_text(json_writer& json, std::string_view key, std::string_view text) {
    if (text.empty()) return;
    json.key(key);
    json.text(mended_utf8(text.substr(0, text_max)));
}

void put_number(json_writer& json, std::string_view key, std::uint64_t number) {
    if (number == 0) return;
    json.key(key);
    json.whole(number);
}

errc code_named(std::string_view name) {
    for (int code = 1; code <= static_cast<int>(errc::incomplete); ++code) {
        if (to_string(static_cast<errc>(code)) == name) return static_cast<errc>(code);
    }
    return errc::remote_exception;
}

void put_texts(json_writer& json, std::string_view key, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    json.key(key);
    json.open_array();
    for (std::size_t i = 0; i < std::min(texts.size(), texts_max); ++i) {
        json.text(mended_utf8(std::string_view(texts[i]).substr(0, text_max)));
    }
    json.close();
}

std::vector<std::string> read_texts(json_reader& json) {
    const json_reader::scope inside(json);
    std::vector<std::string> texts;
    for (std::size_t left = json.enter_array(); left > 0 && texts.size() < texts_max; --left) {
        json.next_element();
        texts.emplace_back(json.text());
    }
    return texts;
}

void read_member(json_reader& json, std::string_view key, failure& why) {
    if (key == "type") {
        why.typed_name = json.text();
    } else if (key == "what") {
        why.message = json.text().substr(0, text_max);
    } else if (key == "data") {
        why.typed_fields = json.text_of_value();
    } else if (key == "code") {
        why.code = code_named(json.text());
    } else if (key == "task") {
        why.task = json.text();
    } else if (key == "worker") {
        why.worker = json.text();
    } else if (key == "attempt") {
        why.attempt = static_cast<unsigned>(json.whole(std::numeric_limits<unsigned>::max()));
    } else if (key == "signal") {
        why.signal = static_cast<int>(json.whole(std::numeric_limits<int>::max()));
    } else if (key == "causes") {
        why.causes = read_texts(json);
    } else if (key == "last_lines") {
        why.last_lines = read_texts(json);
    }
}

failure read_error(json_reader& json) {
    failure why{.code = errc::remote_exception};
    const json_reader::scope inside(json);
    json.enter_class();
    json.field("error");
    json.finish();
    for (std::size_t left = json.enter_object(); left > 0; --left) {
        const std::string_view key = json.next_member();
        read_member(json, key, why);
    }
    return why;
}

}  // namespace

shared_bytes write_json_failure(const failure& why) {
    std::string text;
    json_writer json(text);
    json.open_object();
    json.key("error");
    json.open_object();
    put_text(json, "type", why.typed_name);
    json.key("what");
    json.text(mended_utf8(std::string_view(why.message).substr(0, text_max)));
    if (!why.typed_fields.empty()) {
        json.key("data");
        json.raw(why.typed_fields);
    }
    put_text(json, "code", to_string(why.code));
    put_text(json, "task", why.task);
    put_text(json, "worker", why.worker);
    put_number(json, "attempt", why.attempt);
    put_number(json, "signal", static_cast<std::uint64_t>(std::max(why.signal, 0)));
    put_texts(json, "causes", why.causes);
    put_texts(json, "last_lines", why.last_lines);
    json.close();
    json.close();
    return shared_bytes(text);
}

bool is_json_failure(std::string_view answer) noexcept {
    const auto skip_space = [&answer] {
        answer.remove_prefix(std::min(answer.find_first_not_of(" \t\r\n"), answer.size()));
    };
    skip_space();
    if (!answer.starts_with('{')) return false;
    answer.remove_prefix(1);
    skip_space();
    return answer.starts_with("\"error\"");
}

failure read_json_failure(std::string_view bytes, std::span<const std::string_view> names) {
    try {
        json_reader json(bytes, {});
        failure why = read_error(json);
        const auto declared = std::ranges::find(names, why.typed_name);
        if (declared != names.end()) {
            why.typed_index = static_cast<int>(declared - names.begin());
        } else if (!why.typed_name.empty()) {
            why.message = why.typed_name + ": " + why.message;
        }
        return why;
    } catch (const decode_error&) {
        return {.code = errc::remote_exception, .message = std::string(bytes.substr(0, text_max))};
    }
}

}  // namespace sheaf::detail
