#include <algorithm>
#include <optional>

#include <sheaf/schema.hpp>

namespace sheaf {
namespace {

// The text may come from anybody.
constexpr std::size_t text_max = std::size_t{1} << 16;
constexpr unsigned depth_max = 64;
constexpr std::size_t shown_max = 160;

// A described type. `kind` is its opening character, or 'a' for one without parts; a task has the kind '!'.
struct node {
    char kind = 'a';
    std::string name{};       // of a field or an error
    std::string_view text{};  // as it was read
    std::string shape{};      // for kinds without parts: all of it; for others what is not in the parts
    std::vector<node> parts{};
};

class parser {
  public:
    explicit parser(std::string_view text) : text_(text) {}

    // "name(A,B)->R!error{...}": arguments, result and errors become three parts. Nothing if it is none.
    std::optional<node> task() {
        const std::size_t open = text_.find('(');
        if (text_.size() > text_max || open == std::string_view::npos) return std::nullopt;
        at_ = open;
        node whole{.kind = '!'};
        whole.parts.push_back(type(depth_max));
        if (!take("->")) return std::nullopt;
        whole.parts.push_back(type(depth_max));
        node errors{.kind = 'e'};
        while (take("!")) errors.parts.push_back(field(depth_max));
        whole.parts.push_back(std::move(errors));
        if (wrong_ || at_ != text_.size()) return std::nullopt;
        return whole;
    }

  private:
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(std::string_view what) {
        if (!text_.substr(at_).starts_with(what)) return false;
        at_ += what.size();
        return true;
    }
    static bool is_name_character(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }

    // A type with an optional "name:" (fields) or "name" before a brace (errors) in front.
    node field(unsigned depth) {
        std::size_t end = at_;
        while (end < text_.size() && is_name_character(text_[end])) ++end;
        std::string name;
        const char after = end < text_.size() ? text_[end] : '\0';
        if (end > at_ && (after == ':' || after == '{')) {
            name = text_.substr(at_, end - at_);
            at_ = after == ':' ? end + 1 : end;
        }
        node one = type(depth);
        one.name = std::move(name);
        return one;
    }

    node type(unsigned depth) {
        const std::size_t begin = at_;
        node made;
        if (depth == 0 || at_ >= text_.size()) {
            wrong_ = true;
            at_ = text_.size();
            return made;
        }
        switch (peek()) {
            case '{': made = list('{', '}', depth); break;
            case '(': made = list('(', ')', depth); break;
            case '[': made = list('[', ']', depth); break;
            case '<': made = list('<', '>', depth); break;
            case '?':
            case '*':
                made.kind = text_[at_++];
                made.parts.push_back(type(depth - 1));
                break;
            default: made = leaf(); break;
        }
        made.text = text_.substr(begin, at_ - begin);
        return made;
    }

    node list(char open, char close, unsigned depth) {
        node made{.kind = open};
        ++at_;
        while (!wrong_ && peek() != close) {
            made.parts.push_back(field(depth - 1));
            if (take("|"))
                made.kind = '|';
            else if (take(";"))
                length_of(made);
            else if (!take(",") && peek() != close)
                wrong_ = true;
        }
        if (!take(std::string_view(&close, 1))) wrong_ = true;
        if (open == '<' && take("+")) made.shape = "+";
        return made;
    }

    void length_of(node& array) {
        const std::size_t begin = at_;
        while (peek() >= '0' && peek() <= '9') ++at_;
        array.shape = text_.substr(begin, at_ - begin);
    }

    node leaf() {
        const std::size_t begin = at_;
        constexpr std::string_view ends = ",;|)]}>!{([<?-";
        while (at_ < text_.size() && ends.find(text_[at_]) == std::string_view::npos) ++at_;
        if (at_ == begin) wrong_ = true;
        return {.kind = 'a', .shape = std::string(text_.substr(begin, at_ - begin))};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool wrong_ = false;
};

std::string shown(const node& what) {
    return std::string(what.text.substr(0, shown_max)) + (what.text.size() > shown_max ? "..." : "");
}

std::string part_name(const node& whole, const node& part, std::size_t index) {
    const std::string number = std::to_string(index + 1);
    const std::string quoted = part.name.empty() ? "" : " \"" + part.name + "\"";
    switch (whole.kind) {
        case '!': return index == 1 ? "result" : "";
        case 'e': return "error " + number + quoted;
        case '{': return "field " + number + quoted;
        case '|': return "alternative " + number;
        case '(': return "part " + number;
        case '<': return index == 0 ? "key" : "value";
        case '?': return "value";
        default: return "element";
    }
}

std::string difference(const node& here, const node& there, const std::string& path);

std::string difference_in_parts(const node& here, const node& there, const std::string& path, bool arguments) {
    for (std::size_t i = 0; i < std::max(here.parts.size(), there.parts.size()); ++i) {
        const node* mine = i < here.parts.size() ? &here.parts[i] : nullptr;
        const node* yours = i < there.parts.size() ? &there.parts[i] : nullptr;
        std::string name = arguments ? "argument " + std::to_string(i + 1) : part_name(here, mine ? *mine : *yours, i);
        if (!name.empty()) name += ": ";
        if (!mine) return path + name + "missing here, " + shown(*yours) + " there";
        if (!yours) return path + name + shown(*mine) + " here, missing there";
        std::string found = difference(*mine, *yours, path + name);
        if (!found.empty()) return found;
    }
    return {};
}

// Empty when the two encode alike.
std::string difference(const node& here, const node& there, const std::string& path) {
    if (here.kind != there.kind || here.shape != there.shape) {
        return path + shown(here) + " here, " + shown(there) + " there";
    }
    if (here.kind != '!') return difference_in_parts(here, there, path, false);
    std::string in_arguments = difference_in_parts(here.parts[0], there.parts[0], path, true);
    if (!in_arguments.empty()) return in_arguments;
    std::string in_result = difference(here.parts[1], there.parts[1], path + "result: ");
    return in_result.empty() ? difference(here.parts[2], there.parts[2], path) : in_result;
}

}  // namespace

std::string schema_difference(std::string_view here, std::string_view there) {
    if (here == there) return {};
    const auto mine = parser(here).task();
    const auto yours = parser(there).task();
    if (!mine || !yours) return mine ? "the other side's schema cannot be read" : "this side's schema cannot be read";
    return difference(*mine, *yours, "");
}

}  // namespace sheaf
