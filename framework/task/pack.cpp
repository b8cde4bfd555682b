// Packs: their bytes, and how a worker runs one.
#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include <sheaf/detail/binding.hpp>
#include <sheaf/detail/envelope.hpp>
#include <sheaf/detail/pack.hpp>

namespace sheaf::detail {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t number_size = sizeof(std::uint32_t);
constexpr std::size_t answer_head_size = 2 * number_size;

failure malformed(std::string_view what) {
    return {.code = errc::malformed, .message = "the pack " + std::string(what)};
}

std::uint32_t read_number(std::string_view bytes) noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return wire_order(value);
}

void write_number(std::string& to, std::size_t at, std::size_t value) noexcept {
    const auto number = wire_order(static_cast<std::uint32_t>(value));
    std::memcpy(to.data() + at, &number, sizeof number);
}

/// The size and bytes at the front of `rest`, which is whole.
std::string_view take_sized(std::string_view& rest) noexcept {
    const std::size_t size = read_number(rest);
    const std::string_view bytes = rest.substr(number_size, size);
    rest.remove_prefix(number_size + size);
    return bytes;
}

/// Whether `rest` is `count` pieces of which each is `before` bytes, a size and as many bytes, and nothing else.
bool is_whole(std::string_view rest, std::uint32_t count, std::size_t before) noexcept {
    for (; count != 0; --count) {
        if (rest.size() < before + number_size) return false;
        rest.remove_prefix(before);
        if (read_number(rest) > rest.size() - number_size) return false;
        (void)take_sized(rest);
    }
    return rest.empty();
}

bool statuses_are_known(std::string_view rest, std::uint32_t count) noexcept {
    for (; count != 0; --count) {
        if (static_cast<unsigned char>(rest.front()) > static_cast<unsigned char>(pack_status::not_run)) return false;
        rest.remove_prefix(1);
        (void)take_sized(rest);
    }
    return true;
}

}  // namespace

result<pack_reader> pack_reader::open(std::string_view body) {
    if (body.size() < number_size) return malformed("ends before its count");
    pack_reader reader;
    reader.left_ = read_number(body);
    reader.rest_ = body.substr(number_size);
    if (reader.left_ > pack_calls_max) return malformed("has more calls than packs may have");
    if (!is_whole(reader.rest_, reader.left_, 0)) return malformed("is not as long as its parts");
    return reader;
}

std::string_view pack_reader::next() noexcept {
    --left_;
    return take_sized(rest_);
}

void pack_writer::start(std::string& body) { body.assign(number_size, '\0'); }

std::string& pack_writer::begin_call(std::string& body) {
    call_begin_ = body.size();
    body.append(number_size, '\0');
    return body;
}

void pack_writer::end_call(std::string& body) {
    write_number(body, call_begin_, body.size() - call_begin_ - number_size);
}

void pack_writer::abandon_call(std::string& body) { body.resize(call_begin_); }

void pack_writer::finish(std::string& body, std::uint32_t calls) { write_number(body, 0, calls); }

result<pack_answer> pack_answer::open(std::string_view body, std::uint32_t calls) {
    if (body.size() < answer_head_size) return malformed("was answered with too few bytes");
    pack_answer answer;
    answer.took_ = std::chrono::microseconds(read_number(body));
    answer.left_ = read_number(body.substr(number_size));
    answer.rest_ = body.substr(answer_head_size);
    if (answer.left_ != calls) return malformed("was answered with another number of results than it has calls");
    if (!is_whole(answer.rest_, calls, 1)) return malformed("was answered with bytes that do not fit their sizes");
    if (!statuses_are_known(answer.rest_, calls)) return malformed("was answered with a status that is not known");
    return answer;
}

pack_answer::entry pack_answer::next() noexcept {
    --left_;
    const auto status = static_cast<pack_status>(rest_.front());
    rest_.remove_prefix(1);
    return {status, take_sized(rest_)};
}

namespace {

/// What the handlers of a pack's calls see: nobody asks how far a pack's calls are, each is over soon.
class packed_invocation final : public invocation {
  public:
    explicit packed_invocation(invocation& pack) : pack_(pack) {}

    [[nodiscard]] std::stop_token stop_token() const override { return pack_.stop_token(); }
    [[nodiscard]] unsigned attempt() const override { return pack_.attempt(); }
    [[nodiscard]] std::string_view handle() const override { return pack_.handle(); }
    void progress(std::uint64_t /*done*/, std::uint64_t /*total*/) override {}
    void warn(std::string_view text) override { pack_.warn(text); }
    void log(std::string_view line) override { pack_.log(line); }
    void send_chunk(std::string_view encoded) override { pack_.send_chunk(encoded); }
    void lend_slot() override { pack_.lend_slot(); }
    void take_slot_back() noexcept override { pack_.take_slot_back(); }
    [[nodiscard]] std::optional<std::chrono::milliseconds> time_left() const override { return pack_.time_left(); }
    [[nodiscard]] void* state(const void* key) override { return pack_.state(key); }
    [[nodiscard]] sheaf::cluster& own_cluster() override { return pack_.own_cluster(); }

  private:
    invocation& pack_;
};

/// Appends ends of calls to an answer.
class answer_writer {
  public:
    explicit answer_writer(std::uint32_t calls) : body_(answer_head_size, '\0') {
        write_number(body_, number_size, calls);
    }

    void add(pack_status status, std::string_view bytes) {
        body_.push_back(static_cast<char>(status));
        append_number(body_, static_cast<std::uint32_t>(bytes.size()));
        body_.append(bytes);
    }
    [[nodiscard]] std::size_t size() const noexcept { return body_.size(); }

    std::string finish(steady_clock::duration took) && {
        const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
        write_number(body_, 0,
                     static_cast<std::size_t>(std::min<std::int64_t>(us, std::numeric_limits<std::uint32_t>::max())));
        return std::move(body_);
    }

  private:
    std::string body_;
};

void run_one(const binding& task, invocation& in, std::string_view arguments, std::string_view worker,
             answer_writer& answer) {
    auto outcome = task.run(in, arguments);
    if (outcome) return answer.add(pack_status::result, *outcome);
    failure why = std::move(outcome).error();
    if (why.task.empty()) why.task = task.name;
    if (why.worker.empty()) why.worker = worker;
    if (why.attempt == 0) why.attempt = in.attempt();
    answer.add(pack_status::failure, write_failure(why).view());
}

}  // namespace

result<std::string> run_pack(const binding& task, invocation& in, std::string_view body, std::string_view worker,
                             const pack_limits& limits) {
    auto calls = pack_reader::open(body);
    if (!calls) return std::move(calls).error();
    packed_invocation each(in);
    answer_writer answer(calls->left());
    const std::stop_token stop = in.stop_token();
    const auto begin = steady_clock::now();
    const auto end = begin + limits.time;
    for (auto now = begin; calls->left() != 0; now = steady_clock::now()) {
        const bool enough = now >= end || answer.size() >= limits.answer_bytes || stop.stop_requested();
        const std::string_view arguments = calls->next();
        if (enough) {
            answer.add(pack_status::not_run, {});
        } else {
            run_one(task, each, arguments, worker, answer);
        }
    }
    return std::move(answer).finish(steady_clock::now() - begin);
}

}  // namespace sheaf::detail
