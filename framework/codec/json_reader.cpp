#include <limits>
#include <utility>

#include "base/parse_number.hpp"
#include "codec/json_text.hpp"
#include <sheaf/detail/json_reader.hpp>
#include <sheaf/detail/json_writer.hpp>

namespace sheaf::detail {
namespace {

constexpr std::size_t shown_number_max = 40;

std::string_view name_of(json_node::kind what) {
    switch (what) {
        case json_node::kind::null: return "null";
        case json_node::kind::boolean: return "a truth value";
        case json_node::kind::number: return "a number";
        case json_node::kind::text: return "a text";
        case json_node::kind::array: return "an array";
        case json_node::kind::object: return "an object";
    }
    return "nothing";
}

std::string shown(std::string_view number) {
    if (number.size() <= shown_number_max) return std::string(number);
    return std::string(number.substr(0, shown_number_max)) + "...";
}

void write_node(json_writer& out, const std::vector<json_node>& nodes, std::size_t at) {
    const json_node& node = nodes[at];
    switch (node.what) {
        case json_node::kind::null: return out.null();
        case json_node::kind::boolean: return out.boolean(node.truth);
        case json_node::kind::number: return out.raw(node.text);
        case json_node::kind::text: return out.text(node.text);
        case json_node::kind::array: out.open_array(); break;
        case json_node::kind::object: out.open_object(); break;
    }
    for (std::size_t part = at + 1; part != node.end; part = nodes[part].end) {
        if (node.what == json_node::kind::object) out.key(nodes[part].key);
        write_node(out, nodes, part);
    }
    out.close();
}

}  // namespace

json_reader::json_reader(std::string_view text, const decode_limits& limits)
    : document_(text, limits),
      budget_(limits.allowance + text.size() * limits.expansion - document_.nodes.size() * sizeof(json_node)) {}

void json_reader::fail(const std::string& why) const {
    std::string text;
    for (const level& one : levels_) {
        if (!one.at_part) break;
        if (one.array) {
            append_index_step(text, one.taken - 1);
        } else {
            append_key_step(text, one.key);
        }
    }
    if (!text.empty()) text += ": ";
    throw decode_error(text + why);
}

void json_reader::expected(std::string_view what) const {
    fail(std::string(what) + " is expected, and this is " + std::string(name_of(here().what)));
}

void json_reader::null() const {
    if (here().what != json_node::kind::null) expected("null");
}

bool json_reader::boolean() const {
    if (here().what != json_node::kind::boolean) expected("true or false");
    return here().truth;
}

std::string_view json_reader::number_text() const {
    if (here().what != json_node::kind::number) expected("a number");
    return here().text;
}

template <class T>
T json_reader::number(T min, T max) const {
    const std::string_view text = number_text();
    if (text.find_first_of(".eE") != std::string_view::npos) fail("a whole number is expected, not " + shown(text));
    const auto value = parse_number<T>(text);
    if (!value || *value < min || *value > max) {
        fail(shown(text) + " is out of range: " + std::to_string(min) + " to " + std::to_string(max));
    }
    return *value;
}

std::int64_t json_reader::integer(std::int64_t min, std::int64_t max) const { return number(min, max); }
std::uint64_t json_reader::whole(std::uint64_t max) const { return number(std::uint64_t{0}, max); }

template <class T>
void json_reader::any_real(T& value) const {
    const std::string_view text = number_text();
    const auto held = parse_number<T>(text);
    if (!held) fail(shown(text) + " is too large or too small to be held");
    value = *held;
}

void json_reader::real(double& value) const { any_real(value); }
void json_reader::real(float& value) const { any_real(value); }

std::string_view json_reader::text() const {
    if (here().what != json_node::kind::text) expected("a text");
    return here().text;
}

std::size_t json_reader::bytes_size() const {
    if (here().what != json_node::kind::text) expected("a text in base64");
    const std::size_t size = base64_size(here().text);
    if (size == not_base64) fail("this is not base64, which ends with = where its length asks for it");
    return size;
}

void json_reader::bytes(std::byte* to) const { read_base64(here().text, to); }

void json_reader::charge(std::size_t size) {
    if (size > budget_) fail("the decoded value would be far larger than its text allows for");
    budget_ -= size;
}

void json_reader::charge(std::size_t count, std::size_t size) {
    if (count > std::numeric_limits<std::size_t>::max() / (size + 1)) fail("a count is out of range");
    charge(count * size);
}

std::size_t json_reader::enter_array() {
    if (here().what != json_node::kind::array) expected("an array");
    levels_.push_back({.node = at_, .next = at_ + 1, .array = true});
    return here().count;
}

std::size_t json_reader::enter_object() {
    if (here().what != json_node::kind::object) expected("an object");
    levels_.push_back({.node = at_, .next = at_ + 1});
    return here().count;
}

void json_reader::enter_class() { levels_.push_back({.node = at_, .next = at_ + 1, .undecided = true}); }

void json_reader::next_element() {
    level& in = levels_.back();
    const json_node& array = document_.nodes[in.node];
    if (in.next == array.end) {
        in.at_part = false;
        fail("more than " + std::to_string(in.taken) + " elements are expected");
    }
    at_ = in.next;
    in.at_part = true;
    in.next = here().end;
    ++in.taken;
}

std::string_view json_reader::next_member() {
    level& in = levels_.back();
    at_ = in.next;
    in.at_part = true;
    in.next = here().end;
    in.key.assign(here().key);
    return here().key;
}

void json_reader::decide(bool array) {
    level& in = levels_.back();
    at_ = in.node;
    const auto wanted = array ? json_node::kind::array : json_node::kind::object;
    if (here().what != wanted) expected(array ? "an array" : "an object");
    in.undecided = false;
    in.array = array;
}

void json_reader::field(std::string_view name) {
    if (levels_.back().undecided) decide(false);
    level& in = levels_.back();
    if (in.array) fail("a field with a name stands among elements without");
    const std::size_t begin = in.node + 1;
    const std::size_t end = document_.nodes[in.node].end;
    const auto wanted = [&](std::size_t at) { return !document_.nodes[at].taken && document_.nodes[at].key == name; };
    // Fields mostly come in the order in which they are read: the search goes on where the last one was found.
    std::size_t found = in.next;
    while (found != end && !wanted(found)) found = document_.nodes[found].end;
    if (found == end) {
        for (found = begin; found != in.next && !wanted(found);) found = document_.nodes[found].end;
        if (found == in.next) {
            in.at_part = false;
            fail("the field \"" + std::string(name) + "\" is missing");
        }
    }
    at_ = found;
    in.at_part = true;
    in.next = document_.nodes[found].end;
    in.key.assign(name);
    document_.nodes[found].taken = true;
    ++in.taken;
}

void json_reader::unnamed_field() {
    level& in = levels_.back();
    if (!in.undecided && in.array) return next_element();
    field("value" + std::to_string(in.unnamed++));
}

std::size_t json_reader::elements() {
    if (!levels_.back().undecided) fail("a class that counts elements must do so before anything else");
    decide(true);
    return here().count;
}

void json_reader::finish() {
    if (levels_.back().undecided) decide(false);
    level& in = levels_.back();
    const json_node& whole = document_.nodes[in.node];
    if (in.taken == whole.count) return;
    in.at_part = false;
    if (in.array) {
        fail("there are " + std::to_string(whole.count) + " elements, and only " + std::to_string(in.taken) +
             " are expected");
    }
    std::size_t extra = in.node + 1;
    while (document_.nodes[extra].taken) extra = document_.nodes[extra].end;
    refuse_member(extra);
}

void json_reader::refuse_member(std::size_t extra) {
    level& in = levels_.back();
    const std::string_view key = document_.nodes[extra].key;
    bool twice = false;
    for (std::size_t one = in.node + 1; one != document_.nodes[in.node].end; one = document_.nodes[one].end) {
        twice |= document_.nodes[one].taken && document_.nodes[one].key == key;
    }
    in.key.assign(key);
    in.at_part = true;
    fail(twice ? "the key is there twice" : "there is no such field");
}

std::string json_reader::text_of_value() const {
    std::string text;
    json_writer out(text);
    write_node(out, document_.nodes, at_);
    return text;
}

}  // namespace sheaf::detail
