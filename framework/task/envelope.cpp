#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <tuple>

#include <sheaf/codec.hpp>
#include <sheaf/detail/envelope.hpp>

namespace sheaf::detail {
namespace {

constexpr std::string_view call_mark = "SF";
constexpr std::string_view failure_mark = "SX";
constexpr std::string_view notice_mark = "SN";
constexpr char version = 1;
constexpr std::size_t mark_size = 4;
constexpr std::size_t request_head_size = mark_size + 8 + 8 + 2 + 2 + 4 + 4;

constexpr char pack_flag = 1;
constexpr char announce_flag = 2;
constexpr char background_flag = 4;
constexpr char chunk_kind = 0;
constexpr char alive_kind = 1;

constexpr std::size_t text_max = 16384;
constexpr std::size_t cause_max = 4096;
constexpr std::size_t causes_max = 16;

// Fills a block of memory from the front; its size is known before.
class block_writer {
  public:
    explicit block_writer(std::size_t size) : block_(size) {}

    void bytes(std::string_view what) {
        if (what.empty()) return;
        std::memcpy(block_.data() + used_, what.data(), what.size());
        used_ += what.size();
    }
    template <class T>
    void number(T value) {
        value = wire_order(value);
        bytes({reinterpret_cast<const char*>(&value), sizeof value});
    }
    void start(std::string_view mark, char kind = 0) {
        bytes(mark);
        number(version);
        number(kind);
    }
    shared_bytes finish() && {
        block_.resize(used_);
        return {std::move(block_), 0, used_};
    }

  private:
    byte_block block_;
    std::size_t used_ = 0;
};

failure malformed(std::string_view what) { return {.code = errc::malformed, .message = std::string(what)}; }

// Why `bytes` do not begin as they should; empty if they do.
std::string_view wrong_start(std::string_view bytes, std::string_view mark, char kinds = 0) {
    if (bytes.size() < mark_size || !bytes.starts_with(mark)) return "is not in Sheaf's envelope";
    if (bytes[2] != version) return "is in an envelope of another version: both sides need the same version of Sheaf";
    if ((bytes[3] & ~kinds) != 0) return "asks for something that this version of Sheaf does not know";
    return {};
}

std::string shortened(const std::string& text, std::size_t limit) {
    return text.size() <= limit ? text : text.substr(0, limit - 3) + "...";
}

bool is_known(int code) { return code > 0 && code <= static_cast<int>(errc::result_gone); }
bool is_clock(int clock) { return clock > 0 && clock <= static_cast<int>(call_clock::heartbeat); }

std::uint32_t in_milliseconds(std::chrono::milliseconds time) {
    constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(time.count(), 0, most));
}

failure decode_failure(std::string_view body) {
    failure why;
    int code = 0;
    int clock = 0;
    codec::input_archive archive(body);
    archive(code, why.message, why.task, why.worker, why.attempt, why.signal, why.causes, why.typed_index,
            why.typed_fields, clock, why.last_lines);
    archive.expect_end();
    // A newer worker may know codes that this side does not.
    why.code = is_known(code) ? static_cast<errc>(code) : errc::remote_exception;
    why.clock = is_clock(clock) ? static_cast<call_clock>(clock) : call_clock::none;
    return why;
}

}  // namespace

shared_bytes write_request(const request_terms& terms, std::string_view arguments) {
    block_writer out(request_head_size + arguments.size());
    out.start(call_mark, static_cast<char>((terms.pack ? pack_flag : 0) | (terms.announce ? announce_flag : 0) |
                                           (terms.background ? background_flag : 0)));
    out.number(terms.fingerprint);
    out.number(terms.call);
    out.number(terms.attempts);
    out.number(terms.tried);
    out.number(in_milliseconds(terms.attempt_timeout));
    out.number(in_milliseconds(terms.heartbeat));
    out.bytes(arguments);
    return std::move(out).finish();
}

result<request_view> read_request(std::string_view bytes) {
    if (const auto wrong = wrong_start(bytes, call_mark, pack_flag | announce_flag | background_flag); !wrong.empty()) {
        return malformed("the request " + std::string(wrong));
    }
    if (bytes.size() < request_head_size) return malformed("the request ends within its envelope");
    byte_source source(bytes.substr(mark_size), {});
    request_view view;
    view.pack = (bytes[3] & pack_flag) != 0;
    view.announce = (bytes[3] & announce_flag) != 0;
    view.background = (bytes[3] & background_flag) != 0;
    view.fingerprint = source.number<std::uint64_t>();
    view.call = source.number<std::uint64_t>();
    view.attempts = std::max<std::uint16_t>(source.number<std::uint16_t>(), 1);
    view.tried = source.number<std::uint16_t>();
    view.attempt_timeout = std::chrono::milliseconds(source.number<std::uint32_t>());
    view.heartbeat = std::chrono::milliseconds(source.number<std::uint32_t>());
    view.arguments = bytes.substr(request_head_size);
    return view;
}

namespace {

shared_bytes write_framed(std::string_view mark, char kind, std::string_view body) {
    block_writer out(mark_size + body.size());
    out.start(mark, kind);
    out.bytes(body);
    return std::move(out).finish();
}

}  // namespace

shared_bytes write_chunk(std::uint64_t number, std::string_view encoded) {
    block_writer out(mark_size + sizeof number + encoded.size());
    out.start(notice_mark, chunk_kind);
    out.number(number);
    out.bytes(encoded);
    return std::move(out).finish();
}

shared_bytes write_sign_of_life(const sign_of_life& alive) {
    return write_framed(notice_mark, alive_kind, encode(std::tuple(alive.control, alive.attempt)));
}

result<notice> read_notice(const shared_bytes& bytes) {
    if (const auto wrong = wrong_start(bytes.view(), notice_mark, alive_kind); !wrong.empty()) {
        return malformed("the notice " + std::string(wrong));
    }
    notice seen;
    const shared_bytes body = bytes.suffix(bytes.size() - mark_size);
    if (bytes.view()[3] == chunk_kind) {
        if (body.size() < sizeof seen.number) return malformed("the notice ends within its number");
        seen.number = byte_source(body.view(), {}).number<std::uint64_t>();
        seen.chunk = body.suffix(body.size() - sizeof seen.number);
        return seen;
    }
    try {
        std::tie(seen.alive.control, seen.alive.attempt) = decode<std::tuple<std::string, unsigned>>(body.view());
    } catch (const decode_error& why) {
        return malformed(std::string("the notice's sign of life cannot be read: ") + why.what());
    }
    return seen;
}

shared_bytes write_answer(std::string_view encoded_result, bool pack) {
    return write_framed(call_mark, pack ? pack_flag : '\0', encoded_result);
}

result<shared_bytes> read_answer(const shared_bytes& bytes, bool pack) {
    if (const auto wrong = wrong_start(bytes.view(), call_mark, pack_flag); !wrong.empty()) {
        return malformed("the answer " + std::string(wrong));
    }
    if ((bytes.view()[3] == pack_flag) != pack) {
        return malformed(pack ? "the answer to a pack of calls is that to one"
                              : "the answer to one call is that to a pack");
    }
    return bytes.suffix(bytes.size() - mark_size);
}

shared_bytes write_failure(const failure& why) {
    std::string bytes;
    std::vector<std::string> causes;
    for (const std::string& cause : why.causes) {
        if (causes.size() < causes_max) causes.push_back(shortened(cause, cause_max));
    }
    std::vector<std::string> last_lines;
    for (const std::string& line : why.last_lines) {
        if (last_lines.size() < causes_max) last_lines.push_back(shortened(line, cause_max));
    }
    codec::output_archive archive(bytes);
    archive(static_cast<int>(why.code), shortened(why.message, text_max), shortened(why.task, cause_max),
            shortened(why.worker, cause_max), why.attempt, why.signal, causes, why.typed_index, why.typed_fields,
            static_cast<int>(why.clock), last_lines);
    block_writer out(mark_size + bytes.size());
    out.start(failure_mark);
    out.bytes(bytes);
    return std::move(out).finish();
}

failure read_failure(std::string_view bytes) {
    if (wrong_start(bytes, failure_mark).empty()) {
        try {
            return decode_failure(bytes.substr(mark_size));
        } catch (const decode_error&) {
            // Somebody's text that happens to begin like a report.
        }
    }
    return {.code = errc::remote_exception, .message = shortened(std::string(bytes), text_max)};
}

}  // namespace sheaf::detail
