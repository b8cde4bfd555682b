// Any line gives a request whose parts are parts of the line, or one line that says why not; and no name forges a row.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/assert.hpp"
#include "protocol/admin.hpp"
#include "support/packet_bytes.hpp"

namespace {

using namespace sheaf;
namespace admin = protocol::admin;

bool is_one_line(std::string_view reply) {
    return reply.ends_with('\n') && std::ranges::count(reply, '\n') == 1 &&
           std::ranges::all_of(reply, [](char c) { return c != '\0' && c != '\x1b'; });
}

void check_word(std::string_view word, std::string_view line) {
    SHEAF_ASSERT(!word.empty() && word.find(' ') == std::string_view::npos, "a word is what stands between blanks");
    SHEAF_ASSERT(word.data() >= line.data() && word.data() + word.size() <= line.data() + line.size(),
                 "a word is a part of the line");
}

void check_request(const protocol::admin_request& request, std::string_view line) {
    std::visit(
        [line](const auto& asked) {
            using asked_type = std::remove_cvref_t<decltype(asked)>;
            if constexpr (std::is_same_v<asked_type, admin::malformed>) {
                SHEAF_ASSERT(is_one_line(asked.reply) && asked.reply.starts_with("ERR "),
                             "a mistake has a one-line reply");
            } else if constexpr (std::is_same_v<asked_type, admin::cancel_job>) {
                check_word(asked.handle, line);
            } else if constexpr (std::is_same_v<asked_type, admin::shutdown>) {
                check_word(asked.word, line);
            } else if constexpr (requires { asked.function; }) {
                check_word(asked.function, line);
            }
        },
        request);
}

// Rows about something that is called `name` by a peer.
void check_rows(std::string_view name) {
    protocol::output_buffer out;
    const auto check = [&out](std::ptrdiff_t tabs) {
        const std::string row = test::take_all(out);
        SHEAF_ASSERT(is_one_line(row) && std::ranges::count(row, '\t') == tabs, "a name stays within its column");
    };
    admin::append_status(out, name, {});
    check(3);
    admin::append_priority_status(out, name, {}, 0);
    check(4);
    admin::append_job(out, name, 0, false, false);
    check(3);
    admin::append_unique(out, name);
    check(0);
    admin::append_worker(out, 0, name, name, std::array{name, name});
    check(0);
    admin::append_ok_line(out, name);
    check(0);
    admin::append_unknown_command(out, name);
    check(0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    check_request(protocol::parse_admin(line), line);
    check_rows(line);
    return 0;
}
