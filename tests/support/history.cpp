#include "support/history.hpp"

#include <charconv>
#include <fcntl.h>
#include <unistd.h>

#include "support/scratch_directory.hpp"

namespace sheaf::test {
namespace {

constexpr char separator = '\t';

/// The fields of a line, one after the other.
class fields {
  public:
    explicit fields(std::string_view line) : rest_(line) {}

    std::string text() {
        const std::size_t end = rest_.find(separator);
        if (end == std::string_view::npos) throw peer_failure("a line of a history is too short");
        std::string field(rest_.substr(0, end));
        rest_.remove_prefix(end + 1);
        return field;
    }
    template <class Number>
    Number number() {
        const std::string field = text();
        Number value{};
        if (std::from_chars(field.data(), field.data() + field.size(), value).ec != std::errc{}) {
            throw peer_failure("no number in a history: " + field);
        }
        return value;
    }
    template <class Duration>
    Duration duration() {
        return Duration(number<std::int64_t>());
    }

  private:
    std::string_view rest_;
};

}  // namespace

std::chrono::nanoseconds steady_now() { return std::chrono::steady_clock::now().time_since_epoch(); }

std::uint64_t checksum_of(std::string_view payload) {
    std::uint64_t sum = 14695981039346656037U;  // FNV-1a
    for (const char one : payload) sum = (sum ^ static_cast<unsigned char>(one)) * 1099511628211U;
    return sum;
}

std::string to_line(const event& one) {
    std::string line;
    const auto add = [&line](std::string_view field) { line.append(field).push_back(separator); };
    add(std::to_string(one.at.count()));
    add(std::to_string(static_cast<int>(one.what)));
    for (const std::string* text : {&one.who, &one.job, &one.unique, &one.handle}) add(*text);
    add(std::to_string(one.checksum));
    add(std::to_string(one.priority));
    for (const std::int64_t time : {one.run_at.count(), one.wall.count(), one.asked_at.count(), one.limit.count()}) {
        add(std::to_string(time));
    }
    return line += '\n';
}

event from_line(std::string_view line) {
    fields in(line);
    event one;
    one.at = in.duration<std::chrono::nanoseconds>();
    one.what = static_cast<fact>(in.number<int>());
    for (std::string* text : {&one.who, &one.job, &one.unique, &one.handle}) *text = in.text();
    one.checksum = in.number<std::uint64_t>();
    one.priority = in.number<int>();
    one.run_at = in.duration<std::chrono::milliseconds>();
    one.wall = in.duration<std::chrono::milliseconds>();
    one.asked_at = in.duration<std::chrono::nanoseconds>();
    one.limit = in.duration<std::chrono::milliseconds>();
    return one;
}

recorder::recorder(const std::filesystem::path& file)
    : file_(::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) {
    if (!file_) throw_errno(file.string());
}

std::chrono::nanoseconds recorder::add(event one) {
    if (one.at.count() == 0) one.at = steady_now();
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    one.wall = std::chrono::duration_cast<std::chrono::milliseconds>(wall);
    const std::string line = to_line(one);
    if (::write(file_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) throw_errno("write");
    return one.at;
}

history read_history(const std::filesystem::path& directory) {
    history all;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        const std::string text = read_file(entry.path());
        for (std::size_t at = 0;;) {
            const std::size_t end = text.find('\n', at);
            if (end == std::string::npos) break;  // who wrote a part of a line was killed then
            all.push_back(from_line(std::string_view(text).substr(at, end - at)));
            at = end + 1;
        }
    }
    return all;
}

}  // namespace sheaf::test
