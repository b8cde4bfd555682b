#include "report/page_text.hpp"

#include "base/printable.hpp"

namespace sheaf::detail {
namespace {

void append_escaped(std::string& to, std::string_view text) {
    for (const char c : printable(text)) {
        switch (c) {
            case '<': to += "&lt;"; break;
            case '>': to += "&gt;"; break;
            case '&': to += "&amp;"; break;
            case '"': to += "&quot;"; break;
            case '\'': to += "&#39;"; break;
            default: to += c;
        }
    }
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string result;
    for (;;) {
        const std::size_t newline = text.find('\n');
        append_escaped(result, text.substr(0, newline));
        if (newline == text.npos) return result;
        result += '\n';
        text.remove_prefix(newline + 1);
    }
}

}  // namespace sheaf::detail
