#include "protocol/admin.hpp"

#include <algorithm>
#include <limits>
#include <span>

#include "base/parse_number.hpp"

namespace sheaf::protocol {
namespace {

using word_list = std::span<const std::string_view>;

// What is answered when a command's first word is known and the rest is not.
enum class mistake : std::uint8_t { unknown_command, missing_arguments, unknown_show, unknown_error };

struct command {
    std::array<std::string_view, 3> words;  // its name; unused ones are empty
    std::uint8_t arguments_min;
    std::uint8_t arguments_max;
    admin_request (*make)(std::string_view name, word_list arguments);
    mistake otherwise = mistake::unknown_command;
    std::uint8_t otherwise_from = 1;  // shorter lines are an unknown command
};

template <class Request>
admin_request make_plain(std::string_view, word_list) {
    return Request{};
}

template <class Request>
admin_request make_named(std::string_view, word_list arguments) {
    return Request{arguments[0]};
}

// As atoi, which gearmand uses: what is not a number is 0, which means no limit.
std::uint32_t queue_limit(std::string_view text) noexcept {
    return static_cast<std::uint32_t>(std::max(leading_number<std::int32_t>(text), 0));
}

admin_request make_max_queue(std::string_view, word_list arguments) {
    admin::max_queue request{arguments[0]};
    const word_list sizes = arguments.subspan(1);
    for (std::size_t i = 0; i < sizes.size(); ++i) request.limits[i] = queue_limit(sizes[i]);
    if (sizes.size() == 1) request.limits.fill(request.limits[0]);
    return request;
}

template <bool Graceful>
admin_request make_shutdown(std::string_view name, word_list) {
    return admin::shutdown{.word = name, .graceful = Graceful};
}

constexpr std::uint8_t ignored = admin_words_max;  // commands that do not look at what follows them

constexpr std::array commands = std::to_array<command>({
    {{"status"}, 0, ignored, make_plain<admin::status>},
    {{"prioritystatus"}, 0, ignored, make_plain<admin::priority_status>},
    {{"workers"}, 0, ignored, make_plain<admin::workers>},
    {{"show", "jobs"}, 0, 0, make_plain<admin::show_jobs>, mistake::unknown_show, 2},
    {{"show", "unique", "jobs"}, 0, 0, make_plain<admin::show_unique_jobs>, mistake::unknown_show, 2},
    {{"cancel", "job"}, 1, 1, make_named<admin::cancel_job>, mistake::unknown_error, 3},
    {{"maxqueue"}, 1, 4, make_max_queue, mistake::missing_arguments},
    {{"create", "function"}, 1, 1, make_named<admin::create_function>, mistake::missing_arguments},
    {{"drop", "function"}, 1, 1, make_named<admin::drop_function>, mistake::missing_arguments},
    {{"getpid"}, 0, ignored, make_plain<admin::get_pid>},
    {{"verbose"}, 0, ignored, make_plain<admin::verbose>},
    {{"version"}, 0, ignored, make_plain<admin::version>},
    {{"jobs"}, 0, 0, make_plain<admin::perl_jobs>},
    {{"clients"}, 0, 0, make_plain<admin::perl_clients>},
    {{"shutdown", "graceful"}, 0, 0, make_shutdown<true>},
    {{"shutdown"}, 0, 0, make_shutdown<false>},
});

bool same_word(std::string_view typed, std::string_view lower) noexcept {
    const auto to_lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(typed, lower, {}, to_lower);
}

// Whether `words` begin with the name of `row`; `arguments` is then what follows it.
bool begins_with(word_list words, const command& row, word_list& arguments) noexcept {
    std::size_t used = 0;
    for (const std::string_view expected : row.words) {
        if (expected.empty()) break;
        if (used == words.size() || !same_word(words[used], expected)) return false;
        ++used;
    }
    arguments = words.subspan(used);
    return true;
}

// A peer's bytes in a line of ours: they must not end it or add a column.
void append_clean(std::string& line, std::string_view text) {
    for (const char c : text) line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
}

std::string explain(mistake kind, std::string_view word) {
    std::string reply;
    switch (kind) {
        case mistake::unknown_command: reply = "ERR UNKNOWN_COMMAND Unknown+server+command"; break;
        case mistake::missing_arguments:
            reply = "ERR INVALID_ARGUMENTS An+incomplete+set+of+arguments+was+sent+to+this+command+";
            break;
        case mistake::unknown_show: return "ERR UNKNOWN_SHOW_ARGUMENTS\r\n";
        case mistake::unknown_error: return "ERR UNKNOWN_ERROR\r\n";
    }
    append_clean(reply, word);
    return reply += "\r\n";
}

// The words of a line. One above the limit is counted, so that the line matches no command that looks at its
// arguments.
struct split_line {
    std::array<std::string_view, admin_words_max + 1> words{};
    std::size_t count = 0;

    explicit split_line(std::string_view line) noexcept {
        while (count < words.size()) {
            line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
            if (line.empty()) return;
            words[count] = line.substr(0, line.find(' '));
            line.remove_prefix(words[count].size());
            ++count;
        }
    }
    [[nodiscard]] word_list list() const noexcept { return word_list(words).first(count); }
};

}  // namespace

admin_request parse_admin(std::string_view line) {
    const split_line split(line);
    const word_list words = split.list();
    const std::string_view first = words.empty() ? std::string_view{} : words[0];
    mistake found = mistake::unknown_command;
    for (const command& row : commands) {
        word_list arguments;
        if (begins_with(words, row, arguments) && arguments.size() >= row.arguments_min &&
            arguments.size() <= row.arguments_max) {
            return row.make(first, arguments);
        }
        if (same_word(first, row.words[0]) && words.size() >= row.otherwise_from) found = row.otherwise;
    }
    return admin::malformed{explain(found, first)};
}

namespace admin {
namespace {

// One row, built in a string that rarely allocates and appended as a whole.
class row {
  public:
    row& text(std::string_view bytes) {
        append_clean(line_, bytes);
        return *this;
    }
    row& number(std::size_t value) {
        line_ += std::to_string(value);
        return *this;
    }
    row& tab() {
        line_ += '\t';
        return *this;
    }
    void append_to(output_buffer& out) {
        line_ += '\n';
        out.append(line_);
    }

  private:
    std::string line_;
};

}  // namespace

void append_status(output_buffer& out, std::string_view function, const function_counts& counts) {
    row()
        .text(function)
        .tab()
        .number(counts.total)
        .tab()
        .number(counts.running)
        .tab()
        .number(counts.workers)
        .append_to(out);
}

void append_priority_status(output_buffer& out, std::string_view function,
                            const std::array<std::size_t, priority_count>& queued, std::size_t workers) {
    row line;
    line.text(function);
    for (const std::size_t count : queued) line.tab().number(count);
    line.tab().number(workers).append_to(out);
}

void append_job(output_buffer& out, std::string_view handle, unsigned retries, bool ignored, bool background) {
    row()
        .text(handle)
        .tab()
        .number(retries)
        .tab()
        .number(ignored ? 1 : 0)
        .tab()
        .number(background ? 1 : 0)
        .append_to(out);
}

void append_unique(output_buffer& out, std::string_view unique) { row().text(unique).append_to(out); }

void append_perl_job(output_buffer& out, std::string_view function, std::string_view unique, std::string_view worker,
                     std::size_t listeners) {
    row().text(function).tab().text(unique).tab().text(worker).tab().number(listeners).append_to(out);
}

void append_perl_client(output_buffer& out, std::string_view address, int descriptor) {
    row().text(address).text(":").number(static_cast<std::size_t>(std::max(descriptor, 0))).append_to(out);
}

void append_perl_client_job(output_buffer& out, std::string_view function, std::string_view unique,
                            std::string_view worker) {
    row().tab().text(function).tab().text(unique).tab().text(worker).append_to(out);
}

void detail::append_worker_head(output_buffer& out, int descriptor, std::string_view address, std::string_view id) {
    std::string line = std::to_string(descriptor) + ' ';
    append_clean(line, address);
    line += ' ';
    append_clean(line, id);
    out.append(line += " :");
}

void detail::append_worker_function(output_buffer& out, std::string_view function) {
    std::string word = " ";
    append_clean(word, function);
    out.append(word);
}

void append_end(output_buffer& out) { out.append(".\n"); }
void append_ok(output_buffer& out) { out.append("OK\r\n"); }
void append_unknown_job(output_buffer& out) { out.append("ERR UNKNOWN_JOB\r\n"); }
void append_error(output_buffer& out, std::string_view code, std::string_view words) {
    std::string line = "ERR ";
    append_clean(line, code);
    line += ' ';
    const std::size_t start = line.size();
    append_clean(line, words);
    std::replace(line.begin() + static_cast<std::ptrdiff_t>(start), line.end(), ' ', '+');
    out.append(line += "\r\n");
}
void append_function_not_found(output_buffer& out) { out.append("ERR function not found\r\n"); }
void append_function_in_use(output_buffer& out) {
    out.append("ERR there are still connected workers or executing clients\r\n");
}
void append_unknown_command(output_buffer& out, std::string_view word) {
    out.append(explain(mistake::unknown_command, word));
}

void append_ok_line(output_buffer& out, std::string_view value) {
    std::string line = "OK ";
    append_clean(line, value);
    out.append(line += '\n');
}

}  // namespace admin
}  // namespace sheaf::protocol
